/** Whether a line has what its type must have. New types and fields are no fault: a later version may add them. */

type Fields = Readonly<Record<string, unknown>>

const isText = (value: unknown): boolean => typeof value === 'string'
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: unknown): boolean => Array.isArray(value)
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isCommit = (value: unknown): boolean => isFields(value) && isText(value.object) && isText(value.resourceVersion)
const isRequest = (value: unknown): boolean => isFields(value) && isText(value.name)
const optional = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value)
const isType = (value: unknown): boolean => isFields(value) && isText(value.kind)
const isCauses = (value: unknown): boolean => isList(value) && (value as unknown[]).every((each) => isFields(each))

function isResponse(value: unknown): boolean {
  if (!isFields(value)) return false
  if ('items' in value) return isList(value.items) && (value.items as unknown[]).every(isObject)
  if ('status' in value) return isFields(value.status)
  return value.object === null || isFields(value.object)
}

function isObject(value: unknown): boolean {
  return isFields(value) && isFields(value.metadata)
}

const isCommits = (value: unknown): boolean => isList(value) && (value as unknown[]).every(isCommit)

const SHAPES: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  'reconcile-begin': { reconcile: isText, controller: isText, request: isRequest, causes: isCauses },
  'reconcile-end': { reconcile: isText, result: (value) => isFields(value) && isText(value.type) },
  call: { by: isText, verb: isText, object: isType, response: isResponse, committed: optional(isCommits) },
  'other-call': { by: isText, what: isText },
  delivery: { process: isText, event: isText, object: isText, resourceVersion: isText },
  'watch-lag': { process: isText },
  'watch-begin': { process: isText, object: isType },
  'watch-end': { process: isText },
  crash: { process: isText, abandoned: isList },
  'process-start': { process: isText },
  timer: { controller: isText, request: isRequest },
  step: { title: isText },
  end: {},
  dropped: { events: isNumber },
}

/** `unknown`: no type that this version knows. Otherwise the field that is absent or wrong, or undefined. */
export function shapeProblem(event: Fields): { readonly unknown: true } | { readonly field: string } | undefined {
  const shape = Object.hasOwn(SHAPES, event.type as string) ? SHAPES[event.type as string] : undefined
  if (shape === undefined) return { unknown: true }
  if (!isNumber(event.step)) return { field: 'step' }
  for (const field in shape) if (shape[field]?.(event[field]) === false) return { field }
  return undefined
}
