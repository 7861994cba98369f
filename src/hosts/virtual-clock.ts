/** `Date`, `performance.now` and `process.hrtime` of a run. */
import { performance } from 'node:perf_hooks'
import { type Restore, replaceProperty, running } from './virtual-sources.ts'

const RealDate = globalThis.Date

export function replaceClock(): Restore {
  const realNow = RealDate.now
  const realPerformanceNow = performance.now.bind(performance)
  const realHrtime = process.hrtime
  const VirtualDate = virtualDate(realNow)
  const restores = [
    // Also on the real Date, for code that keeps a reference to it.
    replaceProperty(RealDate, 'now', VirtualDate.now),
    replaceProperty(RealDate.prototype, 'constructor', VirtualDate),
    replaceProperty(globalThis, 'Date', VirtualDate),
    replaceProperty(performance, 'now', () =>
      running.sources === undefined ? realPerformanceNow() : running.sources.nowMs(),
    ),
    replaceProperty(process, 'hrtime', virtualHrtime(realHrtime)),
  ]
  return () => {
    for (const restore of restores.reverse()) restore()
  }
}

/** A Date whose instances are real Dates (it shares the prototype), but whose present is the run's. */
function virtualDate(realNow: () => number): DateConstructor {
  function now(): number {
    return running.sources === undefined ? realNow() : running.sources.nowMs()
  }
  function VirtualDate(...parts: unknown[]): Date | string {
    if (new.target === undefined) return new RealDate(now()).toString()
    const instant = parts.length === 0 ? [now()] : parts
    return Reflect.construct(RealDate, instant, new.target === VirtualDate ? RealDate : new.target) as Date
  }
  Object.defineProperty(VirtualDate, 'name', { value: 'Date', configurable: true })
  Object.defineProperty(VirtualDate, 'length', { value: 7, configurable: true })
  Object.defineProperty(VirtualDate, 'prototype', { value: RealDate.prototype, writable: false })
  return Object.assign(VirtualDate, { now, parse: RealDate.parse, UTC: RealDate.UTC }) as unknown as DateConstructor
}

function virtualHrtime(realHrtime: NodeJS.HRTime): NodeJS.HRTime {
  function hrtime(earlier?: [number, number]): [number, number] {
    if (running.sources === undefined) return realHrtime(earlier)
    const nowMs = running.sources.nowMs()
    const seconds = Math.floor(nowMs / 1000)
    const nanoseconds = Math.round((nowMs - seconds * 1000) * 1e6)
    if (earlier === undefined) return [seconds, nanoseconds]
    const borrow = nanoseconds < earlier[1] ? 1 : 0
    return [seconds - earlier[0] - borrow, nanoseconds - earlier[1] + borrow * 1e9]
  }
  function bigint(): bigint {
    return running.sources === undefined
      ? realHrtime.bigint()
      : BigInt(Math.round(running.sources.nowMs() * 1000)) * 1000n
  }
  return Object.assign(hrtime, { bigint })
}
