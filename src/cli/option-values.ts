/** Reads the values of options; a value that cannot be meant is a `UsageError` that says what can. */
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** Parses the value of an option; commander hands over what earlier values of the same option gave. */
export type OptionParser<T> = (text: string, previous: T | undefined) => T

/** A whole number of at least `min`. */
export function wholeNumber(option: string, min = 0): OptionParser<number> {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= min) return number
    const why = /^-\d/.test(text)
      ? 'It cannot be negative.'
      : `It counts something, so it is a whole number of at least ${min}.`
    throw new UsageError({
      what: `${option} ${text} is not a number that it can have.`,
      why,
      fix: `Give a whole number: ${option} ${Math.max(min, 1)}.`,
    })
  }
}

/** From 0 to 100. */
export function percentage(option: string): OptionParser<number> {
  return (text) => {
    const number = Number(text.replace(/%$/, ''))
    if (/^\d+(?:\.\d+)?%?$/.test(text) && number <= 100) return number
    throw new UsageError({
      what: `${option} ${text} is not a percentage.`,
      why: 'It is a share of all, from 0 to 100.',
      fix: `Give a number: ${option} 5.`,
    })
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `250ms`, `60s`, `5m`, `24h`, `1h30m`, in milliseconds. */
export function duration(option: string): OptionParser<number> {
  return (text) => {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
    if (parts.length > 0 && parts.map((part) => part[0]).join('') === text) {
      return Math.round(parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0))
    }
    const isBare = /^\d+(?:\.\d+)?$/.test(text)
    throw new UsageError({
      what: `${option} ${text} is not a duration.`,
      why: isBare
        ? 'It has no unit, and a second is not a minute.'
        : 'A duration is a number and a unit: ms, s, m, h or d.',
      fix: `Write ${option} ${isBare ? `${text}s` : '60s'}.`,
    })
  }
}

/** One of several names. */
export function oneOf<T extends string>(option: string, names: readonly T[]): OptionParser<T> {
  return (text) => checkName(option, text, names)
}

/** The same option may be given several times, and a value may hold several names, with commas. */
export function severalOf<T extends string>(option: string, names: readonly T[]): OptionParser<T[]> {
  return (text, previous) => [
    ...new Set([...(previous ?? []), ...text.split(',').map((name) => checkName(option, name.trim(), names))]),
  ]
}

function checkName<T extends string>(option: string, name: string, names: readonly T[]): T {
  const found = names.find((each) => each === name)
  if (found !== undefined) return found
  throw new UsageError({
    what: `${option} ${name === '' ? '(nothing)' : name} is not known${suggestion(name, names)}.`,
    why: 'The name is misspelt, or of another version.',
    fix: `Give one of: ${names.join(', ')}.`,
  })
}

/** `NAME=VALUE`, repeatable. A value that is JSON is that value, any other is text. */
export const parameters: OptionParser<Readonly<Record<string, unknown>>> = (text, previous) => {
  const separator = text.indexOf('=')
  const name = text.slice(0, Math.max(separator, 0)).trim()
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw new UsageError({
      what: `--set ${text} is not of the form NAME=VALUE.`,
      why: separator < 0 ? 'It has no =.' : 'A name is made of letters, digits, _ and $.',
      fix: 'Write --set n=6; quote what the shell would change: --set \'names=["a","b"]\'.',
    })
  }
  return { ...previous, [name]: jsonOrText(text.slice(separator + 1)) }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
