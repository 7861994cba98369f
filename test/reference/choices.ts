/**
 * A step that leaves something open, played in every way that the budget pays for. The step asks `choose` wherever
 * the environment decides; it is played again from the start for each other answer.
 */

/** What a fault is paid from. All but `environment` also cost one of the total. */
export type Price = 'stale' | 'crash' | 'apiError' | 'relist' | 'handover' | 'slow' | 'environment'

export type Budget = Readonly<Record<Price | 'total', number>>

export interface Option<T> {
  /** '' when nothing out of the ordinary happens. */
  readonly label: string
  readonly price?: Price
  readonly value: T
}

export type Choose = <T>(options: readonly Option<T>[]) => T

export interface Played<T> {
  readonly value: T
  /** The labels of what was chosen, in order. */
  readonly label: string
  readonly paid: readonly Price[]
}

export const NO_BUDGET: Budget = {
  total: 0,
  stale: 0,
  crash: 0,
  apiError: 0,
  relist: 0,
  handover: 0,
  slow: 0,
  environment: 0,
}

export function canPay(budget: Budget, price: Price): boolean {
  return budget[price] >= 1 && (price === 'environment' || budget.total >= 1)
}

export function pay(budget: Budget, price: Price): Budget {
  const total = price === 'environment' ? budget.total : budget.total - 1
  return { ...budget, total, [price]: budget[price] - 1 }
}

/** The first option of each choice must be free. */
export function everyPlay<T>(budget: Budget, play: (choose: Choose) => T): Played<T>[] {
  const played: Played<T>[] = []
  let answers: number[] | undefined = []
  while (answers !== undefined) {
    const once = playOnce(budget, answers, play)
    played.push(once)
    answers = following(once.answers, once.counts)
  }
  return played
}

/** With every choice answered by its first option. */
export const ordinary: Choose = (options) => options[0]!.value

function playOnce<T>(
  budget: Budget,
  answers: readonly number[],
  play: (choose: Choose) => T,
): Played<T> & { readonly answers: readonly number[]; readonly counts: readonly number[] } {
  let left = budget
  const given: number[] = []
  const counts: number[] = []
  const labels: string[] = []
  const paid: Price[] = []
  const choose: Choose = (options) => {
    const payable = options.filter(({ price }) => price === undefined || canPay(left, price))
    const answer = answers[given.length] ?? 0
    const option = payable[answer]!
    given.push(answer)
    counts.push(payable.length)
    if (option.label !== '') labels.push(option.label)
    if (option.price !== undefined) {
      paid.push(option.price)
      left = pay(left, option.price)
    }
    return option.value
  }
  return { value: play(choose), label: labels.join(' '), paid, answers: given, counts }
}

/** The answers of the next play; undefined after the last one. */
function following(answers: readonly number[], counts: readonly number[]): number[] | undefined {
  const last = answers.findLastIndex((answer, place) => answer + 1 < counts[place]!)
  return last < 0 ? undefined : [...answers.slice(0, last), answers[last]! + 1]
}
