/**
 * Rejections and exceptions that no code catches. In a real operator they end the process; while a run goes on they
 * are its defect, and are kept from other listeners (a test runner's, for instance).
 */

/** Gets what nobody caught. Returns whether it was a run's. */
export type StrayErrorSink = (what: string, thrown: unknown) => boolean

type Listener = (...parameters: unknown[]) => void
const events = ['unhandledRejection', 'uncaughtException'] as const

/** Sends stray errors to `sink` first, until the returned function is called. */
export function catchStrayErrors(sink: StrayErrorSink): () => void {
  const restores = events.map((event) => {
    const others = process.listeners(event as 'uncaughtException') as Listener[]
    const listener: Listener = (thrown, ...rest) => {
      const what = event === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'
      if (sink(what, thrown)) return
      // Without a listener of its own the process would have ended with this error: so it still does.
      if (others.length === 0) throw thrown
      for (const other of others) other.call(process, thrown, ...rest)
    }
    process.removeAllListeners(event)
    process.on(event as 'uncaughtException', listener)
    return () => {
      process.removeListener(event, listener)
      for (const other of others) process.on(event as 'uncaughtException', other)
    }
  })
  return () => {
    for (const restore of restores) restore()
  }
}
