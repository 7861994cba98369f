/**
 * Questions of a run that come by way of an HTTP client. How many steps of code lie between a request that a reconcile
 * makes and the question here differs from request to request, so none is answered before the code has nothing else to
 * do: all that were asked by then were asked together, without having seen an answer.
 */
import type { HostCall, HostReply } from '#controller/host.ts'

/** Asks the run's host; for a run that is over, a promise that never settles. */
export type AskHost = (call: HostCall) => HostReply | Promise<never>

interface Question {
  readonly work: (ask: AskHost) => unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

export class HeldQuestions {
  private readonly ask: AskHost
  private questions: Question[] = []

  constructor(ask: AskHost) {
    this.ask = ask
  }

  get isEmpty(): boolean {
    return this.questions.length === 0
  }

  /** Does `work` in the next round. */
  readonly hold = <T>(work: (ask: AskHost) => T | Promise<never>): Promise<T> =>
    new Promise((resolve, reject) => {
      this.questions.push({ work, resolve: resolve as (answer: unknown) => void, reject })
    })

  /** Answers what was asked, in the order in which it was. To be called when the code has nothing else to do. */
  answer(): void {
    const asked = this.questions
    this.questions = []
    for (const { work, resolve, reject } of asked) {
      try {
        resolve(work(this.ask))
      } catch (error) {
        reject(error)
      }
    }
  }
}
