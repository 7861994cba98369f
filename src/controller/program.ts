/**
 * Programs that host controllers in a process of their own and speak the protocol of docs/host-protocol.md:
 * `goController` for operators written with controller-runtime, `hostController` for any other language.
 */

/** A program as users write it. */
export interface ProgramDefinition {
  /** Names the process: its controllers share informer caches and crash together. Their own names come from the program. */
  readonly name: string
  /** What is started. `go run …` is compiled once and then run without `go`. Of `goController` the default is `go run .` */
  readonly command?: readonly string[]
  /** Where it is started, relative to the scenario's folder. Default: that folder. */
  readonly directory?: string
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** `fresh`: each reconcile gets an instance of its own, as after a start. `kept`: one instance makes many, which is
   *  faster and wrong for code that remembers. Default `fresh`. */
  readonly instances?: 'fresh' | 'kept'
  /** The code reads the clock: time is an answer that each reconcile gets at its beginning. Default false: the clock
   *  stands still at the start of the scenario, and only sleeping moves it. */
  readonly readsClock?: boolean
  /** Random bytes are meant, as for a generated password. Default false: their use is a finding. */
  readonly allowRandom?: boolean
  /** Milliseconds of real time without a call after which a step is taken for an endless loop. Default 10000. */
  readonly stepLimitMs?: number
}

/** A checked definition. Recognise one with `isProgram`, never with instanceof. */
export interface Program extends ProgramDefinition {
  readonly type: 'program'
  readonly command: readonly string[]
}

/**
 * Controllers of a Go program that calls `kamera.Main`. It must lie in `controllers` of the scenario as it is.
 * @throws Error that names the field, says what is expected and what came.
 */
export function goController(definition: ProgramDefinition): Program {
  return checked('goController', { command: ['go', 'run', '.'], ...definition })
}

/**
 * Controllers of a program in any language that speaks the host protocol.
 * @throws Error as `goController`.
 */
export function hostController(definition: ProgramDefinition & { readonly command: readonly string[] }): Program {
  return checked('hostController', definition)
}

/** Whether a value came from `goController` or `hostController`, of this or another copy of the package. */
export function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && (value as { readonly type?: unknown }).type === 'program'
}

const FIELDS: Readonly<Record<keyof Program, (value: unknown) => boolean>> = {
  type: (value) => value === 'program',
  name: (value) => typeof value === 'string' && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value),
  command: (value) => Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string'),
  directory: (value) => typeof value === 'string' && value !== '',
  environment: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string'),
  instances: (value) => value === 'fresh' || value === 'kept',
  readsClock: (value) => typeof value === 'boolean',
  allowRandom: (value) => typeof value === 'boolean',
  stepLimitMs: (value) => Number.isInteger(value) && (value as number) > 0,
}

const EXPECTED: Readonly<Record<keyof Program, string>> = {
  type: "'program'",
  name: "a name of letters, digits, '-', '_' and '.', as name: 'my-operator'",
  command: "a list of words, as command: ['go', 'run', '.']",
  directory: "a folder, as directory: './operator'",
  environment: 'texts by name, as environment: { WATCH_NAMESPACE: "default" }',
  instances: "'fresh' or 'kept'",
  readsClock: 'true or false',
  allowRandom: 'true or false',
  stepLimitMs: 'a whole number of milliseconds, more than 0',
}

function checked(by: string, definition: Omit<Program, 'type'> | ProgramDefinition): Program {
  if (typeof definition !== 'object' || definition === null)
    throw new Error(`${by} takes an object, but got ${JSON.stringify(definition)}. Write ${by}({ name, directory }).`)
  for (const field of Object.keys(definition)) {
    if (!(field in FIELDS)) {
      throw new Error(
        `${by}: there is no field ${field}, so it would have no effect. Fields are ${Object.keys(EXPECTED).slice(1).join(', ')}.`,
      )
    }
  }
  const program = { ...definition, type: 'program' } as Program
  for (const field of Object.keys(FIELDS) as (keyof Program)[]) {
    const value = program[field]
    if (value === undefined && field !== 'name' && field !== 'command') continue
    if (!FIELDS[field](value))
      throw new Error(`${by}: ${field} is ${JSON.stringify(value)}. Expected is ${EXPECTED[field]}.`)
  }
  return program
}
