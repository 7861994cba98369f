/** The options of `explore`: how they are spelt, what they mean, and how they become `SearchOptions`. */
import { type Command, Option } from 'commander'
import { FAULTS_NOT_SEARCHED, SEARCHED_PROFILES } from '#exploration/options.ts'
import { profileNames } from '#inspect/explanations.ts'
import { duration, oneOf, parameters, percentage, severalOf, wholeNumber } from './option-values.ts'
import { UsageError } from './usage-error.ts'
import type { SearchOptions } from './verbs.ts'

const REDUCTIONS = ['no-op-absorption', 'symmetry', 'partition', 'sleep-sets', 'persistent-sets'] as const
const STRATEGIES = ['breadth-first', 'depth-first', 'random', 'pct'] as const
const GRANULARITIES = ['auto', 'reconcile', 'write', 'call'] as const
const QUEUES = ['fifo', 'priority'] as const

/** As commander gives them: absent where the user did not say. */
export interface ParsedExploreOptions {
  readonly faults?: number
  readonly stale?: number
  readonly crash?: number
  readonly apiError?: number
  readonly relist?: number
  readonly handover?: number
  readonly slow?: number
  readonly environment?: number
  readonly lagMax?: number
  readonly timeMax?: number
  readonly profile?: readonly string[]
  readonly queue?: 'fifo' | 'priority'
  readonly granularity?: (typeof GRANULARITIES)[number]
  readonly shuffleLists?: boolean
  readonly workers?: number
  readonly strategy?: (typeof STRATEGIES)[number]
  readonly runs?: number
  readonly reduction?: readonly string[]
  readonly verifyReductions?: boolean
  readonly depthMax?: number
  readonly statesMax?: number
  readonly memoryMax?: number
  readonly timeLimit?: number
  readonly seed?: number
  readonly audit?: number
  readonly stopAtFirst?: boolean
  readonly set?: Readonly<Record<string, unknown>>
  readonly requireExhaustive?: boolean
  readonly baseline?: string
  readonly writeBaseline?: string
  readonly from?: string
  readonly dump?: string
  readonly html?: string
  readonly junit?: string
  readonly sarif?: string
  readonly markdown?: string
  readonly inspect?: boolean
  readonly web?: boolean
  readonly port?: number
  readonly annotations?: boolean
  readonly json?: boolean
  readonly debug?: boolean
}

type Row = readonly [
  flags: string,
  description: string,
  parse?: (option: string) => (text: string, previous: never) => unknown,
]

const GROUPS: readonly (readonly [heading: string, rows: readonly Row[]])[] = [
  [
    'Faults and environment (each costs one of its budget):',
    [
      ['--faults <n>', 'faults on a path, all kinds together (default: 1)', wholeNumber],
      ['--stale <n>', 'at most so many lag episodes of a cache (default: --faults)', wholeNumber],
      ['--crash <n>', 'at most so many crashes (default: --faults)', wholeNumber],
      ['--api-error <n>', 'at most so many conflicts, timeouts and server errors (default: --faults)', wholeNumber],
      ['--relist <n>', 'at most so many broken watches (default: --faults)', wholeNumber],
      ['--handover <n>', 'at most so many changes of the leader (default: 0)', wholeNumber],
      ['--slow <n>', 'at most so many timers that fire while other work waits (default: 0)', wholeNumber],
      ['--environment <n>', 'events of the environment, such as the failure of a Pod (default: 0)', wholeNumber],
    ],
  ],
  [
    'What controllers see, and in which order:',
    [
      [
        '--profile <name>',
        `consistency of reads: ${SEARCHED_PROFILES.join(', ')}, all; repeatable (default: ${SEARCHED_PROFILES[0]}, and the others for its findings)`,
        (option) => severalOf(option, [...profileNames, 'all']),
      ],
      ['--lag-max <n>', 'undelivered events at any time (default: 8)', wholeNumber],
      [
        '--queue <kind>',
        `work queue: ${QUEUES.join(' or ')} (default: as each controller's, fifo but for Go's since controller-runtime 0.23)`,
        (option) => oneOf(option, QUEUES),
      ],
      [
        '--granularity <step>',
        'what one step is: auto, reconcile or write (default: auto)',
        (option) => oneOf(option, GRANULARITIES),
      ],
      ['--shuffle-lists', 'answer lists in another order, by --seed, as caches promise none'],
      ['--workers <n>', 'threads (default: 1)', (option) => wholeNumber(option, 1)],
      ['--time-max <duration>', 'virtual time that timers may pass (default: 24h)', duration],
    ],
  ],
  [
    'The search:',
    [
      [
        '--strategy <name>',
        'breadth-first or depth-first; or random or pct runs instead of a search (default: breadth-first)',
        (option) => oneOf(option, STRATEGIES),
      ],
      ['--runs <n>', 'runs of a level with random and pct (default: 1000)', (option) => wholeNumber(option, 1)],
      [
        '--reduction <list>',
        'all, none, or names with commas: no-op-absorption, private-writes (default: all)',
        (option) => severalOf(option, ['all', 'none', ...REDUCTIONS]),
      ],
      ['--verify-reductions', 'also search without reductions, and compare'],
      ['--audit <percent>', 'share of known reconciles that are run again (0: none)', percentage],
      ['--seed <n>', 'of every random choice', wholeNumber],
      [
        '--from <trace@step>',
        'begin in the state after a step of a trace (default step: its last)',
        () => (text) => text,
      ],
      ['--set <name=value>', 'a parameter of the scenario; repeatable; JSON arrives as JSON', () => parameters],
      ['--stop-at-first', 'end with the first finding'],
    ],
  ],
  [
    'Limits (default: none; a search that meets one is inconclusive):',
    [
      ['--depth-max <n>', 'steps on a path', (option) => wholeNumber(option, 1)],
      ['--states-max <n>', 'distinct states of a level', (option) => wholeNumber(option, 1)],
      ['--memory-max <mb>', 'memory of the process, in megabytes', (option) => wholeNumber(option, 1)],
      ['--time-limit <duration>', 'time for a level, such as 60s or 5m', duration],
    ],
  ],
  [
    'Output:',
    [
      ['--json', 'print the result as JSON, one object a line for each scenario'],
      ['--dump <file>', 'write what was found to a file for kamera inspect'],
      ['--inspect', 'look at what was found in the terminal, once the search is over'],
      ['--web', 'serve the web inspector on this machine, from the beginning of the search until Ctrl-C'],
      ['--port <n>', 'of --web (default: any that is free)', wholeNumber],
      ['--html <file>', 'write what was found as one page that opens in a browser, with no network'],
      ['--junit <file>', "write results as JUnit's XML, for CI servers (docs/ci.md)"],
      ['--sarif <file>', 'write findings as SARIF, for code scanning'],
      ['--markdown <file>', 'write a summary as Markdown, for pages of CI servers and for comments'],
      ['--annotations', "print findings as GitHub's annotations, on standard error"],
      ['--baseline <file>', 'known findings: reported apart, no part of the verdict'],
      ['--write-baseline <file>', 'write all findings as known ones; ends with 0 when nothing else is wrong'],
      ['--require-exhaustive', 'exit with 3 when the search was not exhaustive'],
      ['--debug', 'show the stack of an error'],
    ],
  ],
]

/** Known, and refused by the search until they are built (`src/exploration/options.ts`); 0 is accepted. Not in the help. */
const HIDDEN: readonly string[] = [...FAULTS_NOT_SEARCHED, 'workers'].map((name) => `--${name}`)

/** Adds every option, in groups; of another verb those that it shares. */
export function addExploreOptions(command: Command, shared: (name: string) => boolean = () => true): Command {
  for (const [heading, rows] of GROUPS) {
    for (const [flags, description, parse] of rows) {
      const name = flags.split(' ')[0] ?? flags
      if (!shared(name)) continue
      const option = new Option(flags, description).helpGroup(heading).hideHelp(HIDDEN.includes(name))
      command.addOption(
        parse === undefined ? option : option.argParser(parse(name) as (text: string, previous: unknown) => unknown),
      )
    }
  }
  return command
}

/** Only what the user said, so that defaults have one place, the search. */
export function searchOptions(parsed: ParsedExploreOptions): SearchOptions {
  const {
    timeMax,
    profile,
    reduction,
    memoryMax,
    timeLimit,
    audit,
    set: _set,
    requireExhaustive: _exhaustive,
    baseline: _baseline,
    writeBaseline: _writeBaseline,
    from: _from,
    dump: _dump,
    html: _html,
    junit: _junit,
    sarif: _sarif,
    markdown: _markdown,
    inspect: _inspect,
    web: _web,
    port: _port,
    annotations: _annotations,
    json: _json,
    debug: _debug,
    ...same
  } = parsed
  return {
    ...same,
    ...(timeMax !== undefined && { timeMaxMs: timeMax }),
    ...(profile !== undefined && { profiles: profiles(profile) }),
    ...(reduction !== undefined && { reduction: reductions(reduction) }),
    ...(memoryMax !== undefined && { memoryMaxMb: memoryMax }),
    ...(timeLimit !== undefined && { timeLimitMs: timeLimit }),
    ...(audit !== undefined && { auditPercent: audit }),
  }
}

function profiles(given: readonly string[]): string[] {
  return given.includes('all') ? [...SEARCHED_PROFILES] : [...given]
}

function reductions(given: readonly string[]): 'all' | 'none' | readonly string[] {
  const only = given.find((name) => name === 'all' || name === 'none')
  if (only === undefined) return [...given]
  if (given.length === 1) return only === 'all' ? 'all' : 'none'
  throw new UsageError({
    what: `--reduction ${given.join(',')} says both ${only} and names.`,
    why: `${only} stands for itself.`,
    fix: `Write --reduction ${only}, or the names alone.`,
  })
}
