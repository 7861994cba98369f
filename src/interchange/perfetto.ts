/**
 * Spans as trace events, which Perfetto and chrome://tracing open
 * (https://perfetto.dev/docs/getting-started/other-formats): a process is a process, a controller as many threads as it
 * has reconciles at once, a link an arrow.
 */
import type { Span } from './spans.ts'

export interface PerfettoEvents {
  /** The events of a span. Spans come in the order of their ends, calls before the reconcile around them. */
  eventsOf(span: Span): readonly object[]
}

interface Thread {
  readonly pid: number
  readonly tid: number
}

/** A call that something may be linked to. */
interface Anchor extends Thread {
  readonly ts: number
}

/** How many calls arrows may come from; arrows from older ones are left out. */
const ANCHORS = 500_000

export function createPerfettoEvents(): PerfettoEvents {
  const processes = new Map<string, number>()
  /** The end of what was last on each thread, by process and controller. */
  const lanes = new Map<string, (Thread & { end: number })[]>()
  const anchors = new Map<number, Anchor>()
  const waiting = new Map<number, Span[]>()
  let threads = 0
  let arrows = 0

  const named = (what: string, thread: Thread, name: string) => ({ ph: 'M', name: what, ...thread, args: { name } })
  const threadFor = (span: Span, events: object[]): Thread => {
    let pid = processes.get(span.process)
    if (pid === undefined) {
      pid = processes.size + 1
      processes.set(span.process, pid)
      events.push(named('process_name', { pid, tid: 0 }, span.process))
    }
    const key = JSON.stringify([span.process, span.lane, span.isCall])
    const lane = lanes.get(key) ?? []
    lanes.set(key, lane)
    const free = lane.find(({ end }) => end <= span.start)
    if (free !== undefined) {
      free.end = span.end
      return { pid, tid: free.tid }
    }
    threads += 1
    lane.push({ pid, tid: threads, end: span.end })
    events.push(
      named('thread_name', { pid, tid: threads }, lane.length === 1 ? span.lane : `${span.lane} ${lane.length}`),
    )
    return { pid, tid: threads }
  }
  const place = (span: Span, thread: Thread, events: object[]): void => {
    const { name, start: ts, end, attributes, failure, isCall, id } = span
    const args = failure === undefined ? attributes : { ...attributes, failure }
    events.push({ ph: 'X', name, cat: isCall ? 'call' : 'reconcile', ts, dur: end - ts, ...thread, args })
    if (isCall) {
      anchors.set(id.span, { ...thread, ts })
      if (anchors.size > ANCHORS) anchors.delete(anchors.keys().next().value as number)
    }
    for (const link of span.links) {
      const from = anchors.get(link.span)
      if (from === undefined) continue
      arrows += 1
      const arrow = { name: 'caused', cat: 'cause', id: arrows }
      events.push({ ph: 's', ...arrow, ...from }, { ph: 'f', bp: 'e', ...arrow, ...thread, ts })
    }
  }
  return {
    eventsOf(span) {
      const events: object[] = []
      if (span.isCall && span.parent !== undefined) {
        // It belongs on the thread of its reconcile, which is known when that ends.
        const calls = waiting.get(span.parent.span)
        if (calls === undefined) waiting.set(span.parent.span, [span])
        else calls.push(span)
        return events
      }
      const thread = threadFor(span, events)
      place(span, thread, events)
      for (const call of waiting.get(span.id.span) ?? []) place(call, thread, events)
      waiting.delete(span.id.span)
      return events
    },
  }
}
