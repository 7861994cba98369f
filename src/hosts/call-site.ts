/** Where in the user's code something happened: the first stack frame outside kamera and Node's internals. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this package's code (`src` or `dist`): its frames are not the user's. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/** `file:line:column` of the code that called into kamera, or undefined when no frame is the user's. */
export function currentSite(): string | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const { stack } = new Error()
  Error.stackTraceLimit = limit
  return siteOfStack(stack)
}

/** The first frame of the user's in a stack, relative to the working directory where it lies inside. */
export function siteOfStack(stack: string | undefined): string | undefined {
  for (const line of (stack ?? '').split('\n')) {
    const match = /^\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(line)
    if (match === null) continue
    const file = fileOf(match[1] as string)
    if (file !== undefined) return `${file}:${match[2]}:${match[3]}`
  }
  return undefined
}

/** The path to show for a script's url, or undefined for code that is not the user's. */
export function fileOf(url: string): string | undefined {
  if (url.startsWith('node:') || url === '' || url.startsWith('<')) return undefined
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url
  if (path.startsWith(ownFolder) && !/\.test\.[jt]s$/.test(path)) return undefined
  const fromHere = relative(process.cwd(), path)
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
}
