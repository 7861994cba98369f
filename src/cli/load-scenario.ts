/**
 * From a module's path to a scenario with all its manifests in place: what `explore` and `replay` are given.
 * Whatever is wrong with the module, its parameters or a manifest is a `UsageError`.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import type { Scenario } from '#cluster/scenario.ts'
import { checkDefinition } from './check-definition.ts'
import { importError, userPlace } from './import-error.ts'
import { importModule, type ModuleExports, moduleExtensions } from './import-module.ts'
import { resolveManifests } from './resolve-manifests.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

export interface LoadScenarioOptions {
  /** Parameters of a scenario whose default export is a function (`--set`). */
  readonly set?: Readonly<Record<string, unknown>>
  /** Told of what is odd but not wrong, such as a parameter that nobody reads. */
  readonly warn?: (message: string) => void
  /** What `path` is relative to. Default: the process's working directory. */
  readonly workingDirectory?: string
}

/** Imports the module at `path`, calls it with the parameters, reads its manifests. */
export async function loadScenario(path: string, options: LoadScenarioOptions = {}): Promise<Scenario> {
  const file = resolve(options.workingDirectory ?? process.cwd(), path)
  checkFile(file, path)
  const exports = await importModule(file).catch((cause: unknown) => {
    throw importError(cause, file, path)
  })
  const value = await parametrised(defaultExport(exports, path), path, options)
  const scenario = checkScenario(value, path)
  checkDefinition(scenario, path, options.warn)
  const directory = scenario.directory ?? dirname(file)
  return { ...resolveManifests(scenario, directory, path), directory }
}

function checkFile(file: string, path: string): void {
  if (!existsSync(file)) {
    throw new UsageError({
      what: `There is no scenario at ${path}.`,
      why: `The path is relative to the current folder, so ${file} was looked for.`,
      fix: 'Name a module (scenario.ts) or a folder with scenarios in it.',
    })
  }
  if (statSync(file).isDirectory() || !moduleExtensions.includes(extname(file))) {
    throw new UsageError({
      what: `${path} is not a scenario.`,
      why: 'A scenario is a TypeScript or JavaScript module; manifests are named inside it.',
      fix: `Name a file that ends in ${moduleExtensions.join(', ')}.`,
    })
  }
}

function defaultExport(exports: ModuleExports, path: string): unknown {
  // CommonJS made from an ES module has the default export inside the default export.
  const outer = exports.default
  const value = isFields(outer) && '__esModule' in outer ? outer.default : outer
  if (value !== undefined) return value
  const names = Object.keys(exports).filter((name) => name !== 'default' && name !== 'module.exports')
  throw new UsageError({
    what: `The module ${path} has no default export.`,
    why:
      names.length === 0
        ? 'It exports nothing: it may not be a scenario.'
        : `It exports ${names.join(', ')}, but only the default export is explored.`,
    fix: 'Write export default defineScenario({ … }).',
  })
}

async function parametrised(value: unknown, path: string, options: LoadScenarioOptions): Promise<unknown> {
  const set = options.set ?? {}
  if (typeof value === 'function') return callWith(value as (parameters: object) => unknown, set, path, options.warn)
  if (Object.keys(set).length > 0) {
    throw new UsageError({
      what: `The scenario ${path} takes no parameters, but --set gives ${Object.keys(set).join(', ')}.`,
      why: 'Only a default export that is a function gets the values of --set.',
      fix: 'Leave --set out, or write export default ({ n = 4 }) => defineScenario({ … }).',
    })
  }
  return value
}

async function callWith(
  factory: (parameters: object) => unknown,
  set: Readonly<Record<string, unknown>>,
  path: string,
  warn: ((message: string) => void) | undefined,
): Promise<unknown> {
  const read = new Set<string>()
  const parameters = noteReads({ ...set }, read)
  const value = await Promise.resolve()
    .then(() => factory(parameters))
    .catch((cause: unknown) => {
      if (cause instanceof UsageError) throw cause
      throw factoryError(cause, set, path)
    })
  for (const name of Object.keys(set).filter((each) => !read.has(each))) {
    warn?.(
      `The scenario ${path} does not read the parameter ${name}${suggestion(
        name,
        [...read].filter((each) => !(each in set)),
      )}.`,
    )
  }
  return value
}

/** Notes which parameters a scenario asks for, so that a misspelt one can be told. */
function noteReads(parameters: Readonly<Record<string, unknown>>, read: Set<string>): object {
  return new Proxy(parameters, {
    get: (target, name) => {
      if (typeof name === 'string') read.add(name)
      return Object.hasOwn(target, name) ? target[name as string] : undefined
    },
    ownKeys: (target) => {
      for (const name of Object.keys(target)) read.add(name)
      return Reflect.ownKeys(target)
    },
  })
}

function factoryError(cause: unknown, set: Readonly<Record<string, unknown>>, path: string): UsageError {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const place = userPlace(error)
  return new UsageError({
    what: `The scenario ${path} failed when it was called with ${JSON.stringify(set)}: ${place === undefined ? '' : `${place}: `}${error.name}: ${error.message}`,
    why: 'A parameter has a value that it does not expect, or one without a default is missing.',
    fix: `Correct ${place ?? 'it'}, or the values of --set.`,
    cause,
  })
}

function checkScenario(value: unknown, path: string): Scenario {
  if (!isFields(value) || value.type !== 'scenario') {
    const looksLikeOne = isFields(value) && 'controllers' in value
    throw new UsageError({
      what: `The default export of ${path} is not a scenario${looksLikeOne ? ', but looks like the definition of one' : ''}.`,
      why: looksLikeOne ? 'It was not passed through defineScenario.' : `It is ${describe(value)}.`,
      fix: 'Write export default defineScenario({ name, controllers, … }).',
    })
  }
  if (typeof value.name !== 'string' || value.name === '')
    throw definitionError(path, 'has no name', "Give it one: name: 'zookeeper'.")
  if (!Array.isArray(value.controllers))
    throw definitionError(path, 'has no list of controllers', 'Give it one: controllers: [ … ].')
  for (const [index, controller] of value.controllers.entries()) {
    if (!isFields(controller) || typeof controller.name !== 'string') {
      throw definitionError(
        path,
        `has something at controllers[${index}] that is not a controller`,
        'Write it with defineController({ … }); spread what returns several: ...builtin.workloads().',
      )
    }
  }
  for (const field of ['crds', 'objects', 'actions', 'properties', 'kinds']) {
    if (value[field] !== undefined && !Array.isArray(value[field]))
      throw definitionError(path, `has ${field} that are not a list`, `Write ${field}: [ … ].`)
  }
  return value as unknown as Scenario
}

function definitionError(path: string, what: string, fix: string): UsageError {
  return new UsageError({
    what: `The scenario ${path} ${what}.`,
    why: 'The definition is not complete, or a field is misspelt.',
    fix,
  })
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'some other object' : `a ${typeof value}`
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
