/** How a run's end becomes an outcome: what a reconciler may return and throw, and what is a defect by itself. */
import type { Status } from '#api/status.ts'
import type { ReconcileResult } from '#controller/controller.ts'
import type { RunOutcome } from '#controller/host.ts'
import { siteOfStack } from './call-site.ts'

const nothing: ReconcileResult = Object.freeze({})

/** The outcome of a reconcile that returned `value`. */
export function outcomeOfResult(value: unknown): RunOutcome {
  if (value === undefined || value === null) return { type: 'done', result: nothing }
  const complaint = complaintOf(value)
  if (complaint !== undefined) return { type: 'error', defect: true, message: complaint }
  const { requeueAfterMs, requeue } = value as ReconcileResult
  return {
    type: 'done',
    result: {
      ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
      ...(requeue === undefined ? {} : { requeue }),
    },
  }
}

const expectation = 'A reconciler returns nothing, or { requeueAfterMs?: number, requeue?: boolean }'

function complaintOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return `reconcile returned ${show(value)}. ${expectation}.`
  for (const [field, content] of Object.entries(value as object)) {
    if (content === undefined) continue
    if (field === 'requeueAfterMs') {
      if (typeof content === 'number' && Number.isFinite(content) && content >= 0) continue
      return `reconcile returned requeueAfterMs ${show(content)}. It must be a number of milliseconds, finite and not negative.`
    }
    if (field === 'requeue') {
      if (typeof content === 'boolean') continue
      return `reconcile returned requeue ${show(content)}. It must be true or false.`
    }
    const meant = /^requeueAfter/i.test(field) ? 'Did you mean requeueAfterMs, in milliseconds? ' : ''
    return `reconcile returned an object with the unknown field ${field}, which would have no effect. ${meant}${expectation}.`
  }
  return undefined
}

/** Kinds of errors that mean a mistake in the program, in real life a crash or a stuck request, not an answer. */
const defectNames = [
  'TypeError',
  'ReferenceError',
  'RangeError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'AssertionError',
  'ClientUsageError',
]

/** The outcome of a reconcile that threw `thrown`. */
export function outcomeOfThrown(thrown: unknown): Extract<RunOutcome, { type: 'error' }> {
  const status = apiStatusOf(thrown)
  if (status !== undefined)
    return { type: 'error', defect: false, message: (thrown as Error).message, apiStatus: status }
  if (!isError(thrown)) {
    return {
      type: 'error',
      defect: true,
      message: `reconcile threw ${show(thrown)}, which is no Error. Throw new Error(…), so that there is a message and a line.`,
    }
  }
  const defect = defectNames.includes(thrown.name) || defectNames.includes(thrown.constructor?.name)
  const site = defect ? siteOfStack(thrown.stack) : undefined
  return {
    type: 'error',
    defect,
    message: `${thrown.name}: ${thrown.message}`,
    ...(site === undefined ? {} : { site }),
  }
}

/** An ApiError of this or another copy of the package is known by its shape. */
function apiStatusOf(thrown: unknown): Status | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { name, status } = thrown as { readonly name?: unknown; readonly status?: Status }
  return name === 'ApiError' && typeof status === 'object' && status?.kind === 'Status' ? status : undefined
}

/** Errors of another realm are errors too. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return `an object with the fields ${Object.keys(value).slice(0, 6).join(', ') || '(none)'}`
  return typeof value === 'string' ? `'${value}'` : String(value)
}
