/** Ages as kubectl prints them: `5s`, `3m10s`, `4h`, `2d`. Source: apimachinery/pkg/util/duration. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago an instant (RFC 3339) was; `<unknown>` without one. */
export function ageText(instant: string | undefined, nowMs: number): string {
  if (instant === undefined) return '<unknown>'
  const thenMs = Date.parse(instant)
  return Number.isNaN(thenMs) ? '<invalid>' : durationText(nowMs - thenMs)
}

/** A duration in at most two units. Some seconds of clock skew count as none. */
export function durationText(durationMs: number): string {
  if (durationMs < -2 * SECOND) return '<invalid>'
  if (durationMs < 0) return '0s'
  if (durationMs < 2 * MINUTE) return `${Math.floor(durationMs / SECOND)}s`
  if (durationMs < 10 * MINUTE) return pair(durationMs, MINUTE, 'm', SECOND, 's')
  if (durationMs < 3 * HOUR) return `${Math.floor(durationMs / MINUTE)}m`
  if (durationMs < 8 * HOUR) return pair(durationMs, HOUR, 'h', MINUTE, 'm')
  if (durationMs < 2 * DAY) return `${Math.floor(durationMs / HOUR)}h`
  if (durationMs < 8 * DAY) return pair(durationMs, DAY, 'd', HOUR, 'h')
  if (durationMs < 2 * 365 * DAY) return `${Math.floor(durationMs / DAY)}d`
  if (durationMs < 8 * 365 * DAY) return pair(durationMs, 365 * DAY, 'y', DAY, 'd')
  return `${Math.floor(durationMs / (365 * DAY))}y`
}

function pair(durationMs: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((durationMs % large) / small)
  return `${Math.floor(durationMs / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`
}
