/** Which steps of a trace no line tells of. Steps are numbered without gaps, in recordings from file to file. */
import type { TraceEvent } from '#trace/trace-event.ts'
import type { NoteTaker } from './trace-notes.ts'

export interface MissingSteps {
  /** Another trace begins, and with it another count. */
  begin(): void
  take(event: TraceEvent, line: number): void
  /** A line that is named elsewhere as of no use: a step that is missing after it was its own. */
  unusable(): void
  /** Names what did not come late either. */
  finish(): void
}

interface Gap {
  readonly from: number
  readonly to: number
  /** The first line after it. */
  readonly line: number
}

/** Lines out of order make gaps that are filled again; so many of them are waited for. */
const GAPS_OPEN = 1000

export function createMissingSteps(notes: NoteTaker): MissingSteps {
  let next = 0
  let unusable = 0
  let gaps: Gap[] = []

  const tell = ({ line }: Gap): void =>
    notes.note('missing', 'steps before this are in no line: what happened there is not known', line)
  const fill = (step: number): void => {
    const index = gaps.findLastIndex(({ from, to }) => from <= step && step <= to)
    const gap = gaps[index]
    if (gap === undefined) return
    const rest = [
      { ...gap, to: step - 1 },
      { ...gap, from: step + 1 },
    ]
    gaps.splice(index, 1, ...rest.filter(({ from, to }) => from <= to))
  }
  const finish = (): void => {
    for (const gap of gaps) tell(gap)
    gaps = []
  }
  return {
    begin() {
      finish()
      next = 0
      unusable = 0
    },
    take(event, line) {
      const { step } = event
      if (step < next - 1) return fill(step)
      if (step > next + unusable) {
        gaps.push({ from: next, to: step - 1, line })
        const oldest = gaps.length > GAPS_OPEN ? gaps.shift() : undefined
        if (oldest !== undefined) tell(oldest)
      }
      unusable = 0
      next = event.type === 'dropped' ? step + event.events : step + 1
    },
    unusable() {
      unusable += 1
    },
    finish,
  }
}
