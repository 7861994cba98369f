/** `process.exit` of a run: it would end the search, with a status that looks like a verdict. */
import { type Restore, replaceProperty, running } from './virtual-sources.ts'

export function replaceExit(): Restore {
  const real = process.exit
  return replaceProperty(process, 'exit', (code?: number | string | null) => {
    if (running.sources === undefined) return real.call(process, code)
    return running.sources.exit(code)
  })
}
