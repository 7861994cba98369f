/** Says in three parts why a scenario's module could not be imported, with the file and line that are to blame. */
import { spawnSync } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UsageError } from './usage-error.ts'

/** @param name the scenario as the user wrote it */
export function importError(cause: unknown, file: string, name: string): UsageError {
  if (cause instanceof UsageError) return cause
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const code = (error as { readonly code?: unknown }).code
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return notFound(error, name)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return unknownExtension(error, name)
  if (error.name === 'TransformError' || error.name === 'TransformerError' || error.name === 'SyntaxError')
    return syntax(error, file, name)
  return thrown(error, name)
}

function notFound(error: Error, name: string): UsageError {
  const [first = ''] = error.message.split('\n')
  if (/imported from (\S+)\.?$/.exec(first)?.[1]?.startsWith(ownFolder) === true) {
    return new UsageError({
      what: `A package that Kamera needs is not installed: ${first}.`,
      why: 'Usually the checkout has moved on since its packages were installed.',
      fix: 'Run npm install in the checkout of Kamera.',
      cause: error,
    })
  }
  const importer = /Require stack:\n- (.*)/.exec(error.message)?.[1]
  return new UsageError({
    what: `The scenario ${name} imports something that is not there: ${first}${importer === undefined ? '' : ` imported from ${importer}`}.`,
    why: 'Usually a path is misspelt, or the packages of the project are not installed.',
    fix: 'Correct the import, or run npm install in the folder of the scenario.',
    cause: error,
  })
}

function unknownExtension(error: Error, name: string): UsageError {
  return new UsageError({
    what: `The scenario ${name} imports a file that Node cannot load: ${error.message}.`,
    why: 'A JavaScript scenario is loaded as it is; TypeScript is understood only when the scenario itself is TypeScript.',
    fix: 'Rename the scenario so that it ends in .ts.',
    cause: error,
  })
}

function syntax(error: Error, file: string, name: string): UsageError {
  const place = transformPlace(error.message) ?? stackHead(error.stack) ?? parsePlace(file)
  const reason = /ERROR: (.*)/.exec(error.message)?.[1] ?? error.message.split('\n')[0]
  const isMissingExport = /does not provide an export named/.test(error.message)
  return new UsageError({
    what: `The scenario ${name} does not parse: ${place === undefined ? '' : `${place}: `}${reason}`,
    why: isMissingExport
      ? 'The imported module has no export of that name: it is misspelt, or from another version.'
      : 'It is not valid TypeScript or JavaScript.',
    fix: place === undefined ? 'Correct it.' : `Correct ${place}.`,
    cause: error,
  })
}

/** esbuild writes `/path/file.ts:2:17: ERROR: …`. */
function transformPlace(message: string): string | undefined {
  return /^(\S.*:\d+):\d+: ERROR: /m.exec(message)?.[1]
}

/** V8 puts the place before the error in some stacks: `/path/file.ts:1`. */
function stackHead(stack: string | undefined): string | undefined {
  const first = stack?.split('\n')[0] ?? ''
  return /^(?:file:)?\/.*:\d+$/.test(first) ? plainPath(first) : undefined
}

/**
 * Node tells the line of a syntax error in plain JavaScript only when it dies of it, so a child does. A module
 * that does not parse is never run, hence this has no effects.
 */
function parsePlace(file: string): string | undefined {
  if (!['.js', '.mjs', '.cjs'].includes(extname(file))) return undefined
  const source = `await import(${JSON.stringify(pathToFileURL(file).href)})`
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  return stackHead(child.stderr)
}

function thrown(error: Error, name: string): UsageError {
  const place = userPlace(error)
  return new UsageError({
    what: `The scenario ${name} failed while it was loaded: ${place === undefined ? '' : `${place}: `}${error.name}: ${error.message}`,
    why: 'Its code threw an error before the search could begin.',
    fix: `Correct ${place ?? 'the scenario'} (--debug shows the whole stack).`,
    cause: error,
  })
}

/** The folder of this package's code: its frames are not the user's. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/** `file:line` of the innermost frame that is neither Node's, nor a package's, nor ours. */
export function userPlace(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n')) {
    const place = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*:\d+):\d+\)?$/.exec(line)?.[1]
    if (place === undefined || place.includes('/node_modules/')) continue
    const path = plainPath(place)
    if (!path.startsWith(ownFolder)) return path
  }
  return undefined
}

function plainPath(place: string): string {
  return place.startsWith('file:')
    ? fileURLToPath(place.replace(/:\d+$/, '')) + (/:\d+$/.exec(place)?.[0] ?? '')
    : place
}
