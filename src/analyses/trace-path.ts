/**
 * A trace as one path of steps, for the inspectors. A step of a simulated run stays one; in a recording, where every
 * event is a step and reconciles overlap, a reconcile becomes one step, in the order in which they began. Memory grows
 * with the trace.
 */
import type {
  Cause,
  FaultRecord,
  HeldObject,
  ObjectName,
  PathRecord,
  PathStep,
  ReadRecord,
  WriteRecord,
} from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { createKnownObjects, type KnownObjects } from './known-objects.ts'
import { createToldVersions, type ToldVersion } from './told-versions.ts'
import { answeredObjects, isWrite, kindOf, nameOfObject, objectName, requestName } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

export interface TracePathAnalysis extends TraceAnalysis {
  result(): PathRecord
}

type Event<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>
type Begin = Event<'reconcile-begin'>

interface Draft {
  type: PathStep['type']
  title: string
  process?: string
  controller?: string
  request?: NonNullable<PathStep['request']>
  causes: readonly Cause[]
  readonly reads: ReadRecord[]
  readonly writes: WriteRecord[]
  readonly faults: FaultRecord[]
  result?: NonNullable<PathStep['result']>
  readonly enqueued: string[]
}

export function createTracePath(): TracePathAnalysis {
  const drafts: Draft[] = []
  /** Where each step of the trace is told. */
  const places = new Map<number, number>()
  const begins = new Map<string, Begin>()
  /** Where each reconcile is told, the last part of it where it has several. */
  const ofReconcile = new Map<string, number>()
  const objects = createKnownObjects()
  const told = createToldVersions()
  const waiting = new Map<Cause, ToldVersion>()
  /** The step of each version that was written. */
  const writers = new Map<string, number>()
  let isLive = false
  let current: Draft | undefined
  let currentStep = -1

  const draft = (step: number, type: PathStep['type'], title: string, more: Partial<Draft> = {}): Draft => {
    const made = { type, title, causes: [], reads: [], writes: [], faults: [], enqueued: [], ...more }
    places.set(step, drafts.push(made) - 1)
    current = made
    currentStep = step
    return made
  }
  /** The step that events of this number belong to; in recordings events stand alone. */
  const here = (step: number, type: PathStep['type'], title: string, more: Partial<Draft> = {}): Draft =>
    !isLive && step === currentStep && current !== undefined ? current : draft(step, type, title, more)

  const begin = (event: Begin): void => {
    const { step, process, controller, request, causes, inferred, reconcile } = event
    const note = inferred === true ? ' (inferred from its calls)' : ''
    const title = `${controller} reconciles ${requestName(request)}${note}`
    begins.set(reconcile, event)
    for (const cause of causes) {
      const version = cause.type === 'event' && (cause.step ?? 0) < 0 ? told.of(event, cause) : undefined
      if (version !== undefined) waiting.set(cause, version)
    }
    draft(step, 'begin', title, { process, controller, request, causes })
    ofReconcile.set(reconcile, drafts.length - 1)
  }
  const stepOfReconcile = (step: number, reconcile: string): Draft | undefined => {
    const place = ofReconcile.get(reconcile)
    const begun = begins.get(reconcile)
    if (place === undefined || begun === undefined) return undefined
    if (isLive || step === currentStep) {
      places.set(step, place)
      return drafts[place]
    }
    const { process, controller, request } = begun
    const title = `${controller} goes on with ${requestName(request)}`
    const made = draft(step, 'write', title, { process, controller, request })
    ofReconcile.set(reconcile, drafts.length - 1)
    return made
  }
  const call = (event: Event<'call'>): void => {
    const { step, by, process, committed = [] } = event
    for (const { object, resourceVersion } of committed) writers.set(`${object} ${resourceVersion}`, step)
    const isOfReconcile = begins.has(by)
    const actor = by === 'user' ? 'user' : (process ?? by)
    const made = isOfReconcile ? stepOfReconcile(step, by) : undefined
    const title = `${actor} ${verbText(event)}`
    const target = made ?? here(step, 'user', title, by === 'user' ? {} : { process: actor })
    if (isWrite(event)) target.writes.push(...writesOf(event, objects))
    else target.reads.push(readOf(event, objects))
    objects.answered(event)
  }

  /** Its write by the step of the path; one that is not told loses its place. */
  const whence = (given: Cause): Cause => {
    const { step: known, ...cause } = given
    const version = waiting.get(given)
    const step = version === undefined ? known : writers.get(`${version.object} ${version.resourceVersion}`)
    if (version !== undefined && step === undefined) return { ...cause, byOthers: true }
    const place = step === undefined || step < 0 ? step : places.get(step)
    return place === undefined ? cause : { ...cause, step: place }
  }
  return {
    begin(header) {
      isLive = header.source === 'live'
    },
    take(event, { line }) {
      const { step } = event
      switch (event.type) {
        case 'reconcile-begin':
          return begin(event)
        case 'reconcile-end': {
          const made = stepOfReconcile(step, event.reconcile)
          if (made === undefined) return
          if (made.type === 'begin') made.type = 'reconcile'
          made.result = event.result
          return
        }
        case 'call':
          return call(event)
        case 'other-call': {
          const made = begins.has(event.by) ? stepOfReconcile(step, event.by) : undefined
          made?.reads.push(otherRead(event))
          return
        }
        case 'delivery':
          told.take(event, line)
          objects.delivered(event)
          if (!isLive && step !== currentStep)
            draft(step, 'catch-up', `${event.process} hears late of ${event.object}`, { process: event.process })
          return
        case 'watch-lag':
          here(step, 'environment', event.fault.description, { process: event.process }).faults.push(event.fault)
          return
        case 'crash': {
          const made = here(step, 'restart', `process "${event.process}" stops and starts anew`, {
            process: event.process,
          })
          made.faults.push({ fault: 'crash', description: `process "${event.process}" stops` })
          if (made.type === 'begin' || made.type === 'write') made.result = { type: 'crashed' }
          return
        }
        case 'process-start':
          here(step, 'restart', `process "${event.process}" starts`, { process: event.process }).enqueued.push(
            ...event.enqueued,
          )
          return
        case 'timer': {
          const { controller, request } = event
          draft(step, 'timer', `timer of ${controller} ${requestName(request)}`, { controller, request })
          return
        }
        case 'step':
          draft(step, 'environment', event.title, { faults: [...event.faults] })
          return
        case 'dropped':
          draft(step, 'environment', `${event.events} events were not recorded: ${event.reason}`)
          return
        case 'watch-begin':
        case 'watch-end':
        case 'end':
          return
      }
    },
    result: () => {
      const steps = drafts.map((made, index): PathStep => ({ index, ...made, causes: made.causes.map(whence) }))
      return { actions: steps.map(({ title }) => title), steps, ...(isLive ? { recorded: true as const } : {}) }
    },
  }
}

const VERBS: Readonly<Record<ApiCall['verb'], string>> = {
  get: 'reads',
  list: 'lists',
  create: 'creates',
  update: 'updates',
  patch: 'patches',
  delete: 'deletes',
  deletecollection: 'deletes',
}

function verbText(call: ApiCall): string {
  const subresource = call.subresource === undefined ? '' : ` (${call.subresource})`
  return `${VERBS[call.verb]} ${targetOf(call)}${subresource}`
}

/** What a call names; a create leaves the name to the server where its answer alone has it. */
function targetOf(call: ApiCall): ObjectName {
  const { object, namespace, name } = call
  if (name !== undefined) return objectName(object.kind, namespace, name)
  const [made] = call.verb === 'create' ? answeredObjects(call) : []
  if (made !== undefined) return nameOfObject(made, object)
  return namespace === undefined ? object.kind : `${object.kind} ${namespace}/*`
}

function readOf(call: ApiCall, objects: KnownObjects): ReadRecord {
  const { object: type, cached, namespace, name, request, response } = call
  const { labelSelector, fieldSelector } = request
  const answered = answeredObjects(call).map((each) => ({
    name: nameOfObject(each, type),
    resourceVersion: each.metadata.resourceVersion ?? '',
    ...(each.metadata.uid === undefined ? {} : { uid: each.metadata.uid }),
  }))
  const isMissing = 'status' in response && response.status.code === 404
  const fails = 'status' in response && !isMissing
  const { behind, truth } = cached && !fails ? objects.compare(call, answered) : { behind: 0 }
  const selectors = [labelSelector, fieldSelector].filter((text) => text !== undefined)
  return {
    type,
    op: call.verb === 'get' ? 'get' : 'list',
    cached,
    target:
      call.verb === 'get'
        ? requestName({ ...(namespace === undefined ? {} : { namespace }), name: name ?? '' })
        : [...(namespace === undefined ? [] : [namespace]), ...selectors].join(' '),
    answered: answered.map(withoutKind),
    behind,
    ...(truth === undefined ? {} : { truth: truth.map(withoutKind) }),
    ...(fails ? { status: response.status } : {}),
  }
}

/** The read has the kind. */
function withoutKind({ name, ...held }: HeldObject): HeldObject {
  return { name: name.slice(kindOf(name).length + 1), ...held }
}

function otherRead({ what, answer }: Event<'other-call'>): ReadRecord {
  const target = `${what} → ${JSON.stringify(answer)}`
  return { type: { apiVersion: '', kind: '' }, op: 'call', cached: false, target, answered: [], behind: 0 }
}

/** One for each object that the call changed; of a call that changed none, one that says so. */
function writesOf(call: ApiCall, objects: KnownObjects): readonly WriteRecord[] {
  const { verb, subresource, response, committed } = call
  const op = verb as WriteRecord['op']
  const of = subresource === undefined ? {} : { subresource }
  const status = 'status' in response ? response.status : undefined
  // A live server answers deletions with a Status that is none of a failure.
  const failed = status !== undefined && status.code >= 400
  if (committed === undefined || committed.length === 0) {
    const outcome = failed ? 'failed' : committed === undefined ? 'committed' : 'unchanged'
    return [{ op, object: targetOf(call), ...of, outcome, ...(failed ? { status } : {}) }]
  }
  const made = committed.map((change): WriteRecord => {
    const { object } = change
    const before = objects.before(change)
    objects.commit(change, call)
    const after = objects.after(change, call)
    return {
      op,
      object,
      ...of,
      outcome: 'committed',
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(failed ? { answerLost: true, status } : {}),
    }
  })
  return made
}
