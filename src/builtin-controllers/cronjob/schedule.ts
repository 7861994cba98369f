/**
 * Cron schedules: five fields, names, steps, ranges, `@daily` and its like, in any time zone.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax. When both day of month
 * and day of week are restricted, either is enough. A local time that a change of clocks skips does not come that day;
 * one that comes twice counts once, at its first instant.
 */

/** A parsed schedule: the values of each field. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly daysOfWeek: ReadonlySet<number>
  /** Both day fields are restricted: a day that either names will do. */
  readonly eitherDay: boolean
}

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const dayMs = 24 * 60 * 60 * 1000
/** A schedule such as 29 February has a time within this span, or never. */
const daysMax = 366 * 8 + 1

/** Undefined: not a schedule. */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (macros[text.trim()] ?? text.trim()).split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields as [string, string, string, string, string]
  const minutes = parseField(minute, 0, 59)
  const hours = parseField(hour, 0, 23)
  const daysOfMonth = parseField(dayOfMonth, 1, 31)
  const months = parseField(month, 1, 12, monthNames, 1)
  const daysOfWeek = parseField(dayOfWeek, 0, 6, dayNames, 0)
  if (minutes && hours && daysOfMonth && months && daysOfWeek) {
    const eitherDay = !/^[*?]/.test(dayOfMonth) && !/^[*?]/.test(dayOfWeek)
    return { minutes, hours, daysOfMonth, months, daysOfWeek, eitherDay }
  }
  return undefined
}

function parseField(
  text: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  const numberOf = (part: string): number => {
    const name = names.indexOf(part.toLowerCase())
    return name >= 0 ? name + firstName : /^\d+$/.test(part) ? Number(part) : Number.NaN
  }
  for (const part of text.split(',')) {
    const [range = '', step = '1', ...rest] = part.split('/')
    const isOpen = range === '*' || range === '?'
    const [low = '', high] = range.split('-')
    const from = isOpen ? min : numberOf(low)
    const to = isOpen || (high === undefined && part.includes('/')) ? max : numberOf(high ?? low)
    const by = /^\d+$/.test(step) ? Number(step) : 0
    if (rest.length > 0 || by === 0 || !(from >= min && to <= max && from <= to)) return undefined
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}

/** Whether the runtime knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** The first instant of the schedule after `afterMs`; undefined: there is none. */
export function nextTime(schedule: Schedule, afterMs: number, timeZone = 'UTC'): number | undefined {
  const localStart = afterMs + offsetAt(afterMs, timeZone)
  const firstDay = Math.floor(localStart / dayMs) * dayMs
  for (let day = firstDay, count = 0; count < daysMax; day += dayMs, count++) {
    if (!isDay(schedule, new Date(day))) continue
    for (const hour of ascending(schedule.hours)) {
      for (const minute of ascending(schedule.minutes)) {
        const instant = instantOfLocal(day + (hour * 60 + minute) * 60_000, timeZone)
        if (instant !== undefined && instant > afterMs) return instant
      }
    }
  }
  return undefined
}

function isDay({ months, daysOfMonth, daysOfWeek, eitherDay }: Schedule, local: Date): boolean {
  if (!months.has(local.getUTCMonth() + 1)) return false
  const byMonth = daysOfMonth.has(local.getUTCDate())
  const byWeek = daysOfWeek.has(local.getUTCDay())
  return eitherDay ? byMonth || byWeek : byMonth && byWeek
}

/** The instant at which clocks of a zone show a local time, given as if it were UTC; undefined: they never do. */
function instantOfLocal(localMs: number, timeZone: string): number | undefined {
  if (timeZone === 'UTC') return localMs
  // Clocks are changed by less than a day, so one of the two offsets around is the right one.
  const offsets = [offsetAt(localMs - dayMs, timeZone), offsetAt(localMs + dayMs, timeZone)]
  const instants = offsets.map((offset) => localMs - offset).sort((left, right) => left - right)
  return instants.find((instant) => instant + offsetAt(instant, timeZone) === localMs)
}

/** What clocks of a zone show more than UTC, in milliseconds. */
function offsetAt(instantMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(new Date(instantMs))
      .map(({ type, value }) => [type, value]),
  )
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((type) =>
    Number(parts.get(type as 'year')),
  ) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}

function ascending(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((left, right) => left - right)
}
