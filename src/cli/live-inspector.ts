/** The web inspector during a search: what is told to pages, and when they get a dump. */
import type { DumpedGraphs, DumpedReport } from '#dump/format.ts'
import { dumpMembers } from '#dump/write-dump.ts'
import type { Progress, SightingNotice } from '#exploration/options.ts'
import { serveInspector } from './inspector-server.ts'
import type { Terminal } from './terminal.ts'

export interface LiveInspector {
  progress(scenario: string, progress: Progress): void
  found(scenario: string, sighting: SightingNotice): void
  /** What was found so far, of all scenarios that are through. */
  show(reports: readonly DumpedReport[], graphs: DumpedGraphs): void
  /** The search is over, and pages stay until Ctrl-C. */
  untilInterrupt(): Promise<void>
}

/** Between two lines of progress that pages are told. */
const INTERVAL_MS = 250

export async function liveInspector(port: number, terminal: Terminal): Promise<LiveInspector> {
  const server = await serveInspector(port)
  terminal.error(`Inspector: ${server.url}\n`)
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    progress: (scenario, progress) => {
      const now = terminal.wallClock()
      if (now - toldAt < INTERVAL_MS) return
      toldAt = now
      server.tell('progress', { scenario, ...progress })
    },
    found: (scenario, { oracle, property, objects }) =>
      server.tell('found', { scenario, name: property ?? oracle, objects }),
    show: (reports, graphs) => {
      const bytes = Buffer.concat([...dumpMembers('explore', reports, graphs)])
      server.show({
        name: 'this search',
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
      })
    },
    untilInterrupt: async () => {
      server.tell('end', {})
      terminal.error(`The inspector stays at ${server.url} until Ctrl-C.\n`)
      await interrupted(terminal)
      await server.close()
    },
  }
}

/** Resolves at the next Ctrl-C. */
export async function interrupted(terminal: Terminal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = terminal.onInterrupt(() => {
      end()
      resolve()
    })
  })
}
