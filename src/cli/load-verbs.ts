/** The real verbs, loaded when a command needs them. */
import type { Verbs } from './verbs.ts'

export const verbs: Verbs = {
  explore: async () => (await import('#explore.ts')).explore,
  simulate: async () => (await import('#simulate.ts')).simulate,
  replay: async () => (await import('#replay.ts')).replay,
  replayTrace: async () => (await import('#replay-trace.ts')).replayTrace,
  record: async () => (await import('#record.ts')).record,
  serve: async () => (await import('#serve.ts')).serve,
}
