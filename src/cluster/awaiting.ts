/**
 * Computations that are synchronous unless controller code must run first: generators that yield what is to be
 * awaited, so that one text serves callers who can wait and callers who cannot.
 */
export type Awaiting<T> = Generator<Promise<unknown>, T, undefined>

/** Awaits whatever the computation yields. */
export async function finish<T>(computation: Awaiting<T>): Promise<T> {
  for (;;) {
    const step = computation.next()
    if (step.done === true) return step.value
    await step.value
  }
}

/** The result in an object, or undefined when something would have to be awaited; the computation is given up then. */
export function finishAtOnce<T>(computation: Awaiting<T>): { readonly value: T } | undefined {
  const step = computation.next()
  if (step.done === true) return { value: step.value }
  step.value.catch(() => undefined)
  computation.return(undefined as T)
  return undefined
}
