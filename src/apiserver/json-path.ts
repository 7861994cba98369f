/**
 * The JSON paths of printer columns: fields, quoted fields, indices, wildcards and `[?(@.field=="value")]` filters.
 * Source: client-go/util/jsonpath, as far as CustomResourceDefinitions may use it.
 */

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'all' }
  | { readonly type: 'filter'; readonly path: readonly Step[]; readonly operator: string; readonly value: unknown }

const parsed = new Map<string, readonly Step[] | undefined>()
const REMEMBERED_MAX = 10_000

/** Every value that the path finds; none for a path that cannot be read. */
export function evaluateJsonPath(path: string, root: unknown): readonly unknown[] {
  let steps = parsed.get(path)
  if (!parsed.has(path)) {
    steps = parse(path)
    if (parsed.size < REMEMBERED_MAX) parsed.set(path, steps)
  }
  return steps === undefined ? [] : follow(steps, root)
}

function follow(steps: readonly Step[], root: unknown): readonly unknown[] {
  let values: readonly unknown[] = [root]
  for (const step of steps) values = values.flatMap((value) => take(step, value))
  return values
}

function take(step: Step, value: unknown): readonly unknown[] {
  if (value === null || typeof value !== 'object') return []
  switch (step.type) {
    case 'field':
      return Object.hasOwn(value, step.name) ? [(value as Readonly<Record<string, unknown>>)[step.name]] : []
    case 'index':
      return Array.isArray(value) ? present(value.at(step.index)) : []
    case 'all':
      return Object.values(value)
    case 'filter':
      return Array.isArray(value) ? value.filter((element) => passes(step, element)) : []
  }
}

function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value]
}

function passes({ path, operator, value }: Extract<Step, { type: 'filter' }>, element: unknown): boolean {
  const found = follow(path, element)
  if (operator === '') return found.length > 0
  return found.some((candidate) => (operator === '==' ? candidate === value : candidate !== value))
}

/** Undefined for what cannot be read. */
function parse(path: string): readonly Step[] | undefined {
  const steps: Step[] = []
  let rest = path.trim()
  if (rest.startsWith('$')) rest = rest.slice(1)
  while (rest !== '') {
    const found = parseStep(rest)
    if (found === undefined) return undefined
    if (found.step !== undefined) steps.push(found.step)
    rest = rest.slice(found.length)
  }
  return steps
}

const FIELD = /^\.?((?:[^.[\]\\]|\\.)+)/
const WILDCARD = /^(?:\.\*|\[\*\])/
const QUOTED = /^\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/
const INDEX = /^\[(-?[0-9]{1,9})\]/
const FILTER = /^\[\?\(@((?:[^=!)'"]|\\.)*?)\s*(?:(==|!=)\s*('[^']*'|"[^"]*"|[^)'"\s]+)\s*)?\)\]/

function parseStep(text: string): { readonly step: Step | undefined; readonly length: number } | undefined {
  const wildcard = WILDCARD.exec(text)
  if (wildcard !== null) return { step: { type: 'all' }, length: wildcard[0].length }
  const quoted = QUOTED.exec(text)
  if (quoted !== null)
    return { step: { type: 'field', name: plain(quoted[1] ?? quoted[2] ?? '') }, length: quoted[0].length }
  const index = INDEX.exec(text)
  if (index !== null) return { step: { type: 'index', index: Number(index[1]) }, length: index[0].length }
  const filter = FILTER.exec(text)
  if (filter !== null) {
    const path = parse(filter[1] as string)
    if (path === undefined) return undefined
    return {
      step: { type: 'filter', path, operator: filter[2] ?? '', value: literal(filter[3] ?? '') },
      length: filter[0].length,
    }
  }
  if (text === '.') return { step: undefined, length: 1 }
  const field = FIELD.exec(text)
  return field === null
    ? undefined
    : { step: { type: 'field', name: plain(field[1] as string) }, length: field[0].length }
}

function plain(name: string): string {
  return name.replace(/\\(.)/g, '$1')
}

function literal(text: string): unknown {
  if (/^['"]/.test(text)) return text.slice(1, -1)
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text === '' || Number.isNaN(number) ? text : number
}
