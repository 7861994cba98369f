/** Assertions are the checker's self-checks: they stay on, and a failure is a fault of ours (exit status 70). */

class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
}

/** Throws `AssertionFailure` with `sentence` when `condition` is false. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailure(`${sentence} (a fault of Kamera: please report it)`)
}
