/**
 * A recording under way: what a recorder sees go by becomes the events of a trace. Recorders (`proxy.ts`,
 * `instrument.ts`) say what they saw; this says what it means.
 */
import { randomUUID } from 'node:crypto'
import type { KubernetesObject } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import type { PathStep } from '#trace/path.ts'
import { createRedaction } from '#trace/redact.ts'
import { type ApiCall, type RecordedTraceHeader, TRACE_FORMAT_VERSION, type TraceEvent } from '#trace/trace-event.ts'
import { createCauses, objectName } from './causes.ts'
import type { EventSink } from './event-sink.ts'
import { bodyOf, type CallContent, callContent, type Exchange, isRecord, selectorsOf } from './exchange.ts'
import { inferReconciles, type ReconcileInference } from './infer-reconciles.ts'
import { createKindNames, type RestName, restNameOf, verbOf } from './rest-names.ts'

/** Who is recorded. */
export interface Caller {
  readonly process: string
  /** The name of its controller, for reconciles that are inferred. */
  readonly controller: string
  /** The reconcile that a wrapper marked. */
  readonly reconcile?: string
  /** The number of its connection. */
  readonly connection: number
}

type Request = { readonly namespace?: string; readonly name: string }
type Result = NonNullable<PathStep['result']>

/** How things stood when a request was sent. */
export interface Sent {
  /** The step that came next. */
  readonly step: number
  /** The newest version of its object that had gone by. */
  readonly version: string | undefined
}

/** A watch stream that is read along. */
export interface RecordedWatch {
  /** A piece of the stream, which may end within a line. */
  piece(bytes: Uint8Array): void
  end(): void
}

export interface Recording {
  /** A request was sent: how things stood then. To be given back with its answer. */
  sent(method: string, path: string): Sent
  /** A request was answered. */
  answered(caller: Caller, exchange: Exchange, sent: Sent): void
  /** A watch was answered, and its events follow. Undefined for a path that names no resource. */
  watch(caller: Caller, path: string, query: URLSearchParams): RecordedWatch | undefined
  begin(caller: Omit<Caller, 'reconcile' | 'connection'>, request: Request): string
  end(reconcile: string, result: Result): void
  /** Writes what waits before it returns: the process ends. */
  flush(): void
  close(): Promise<void>
}

export interface RecordingOptions {
  readonly sink: EventSink
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whether the data of Secrets are hidden. */
  readonly redact: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: distributes over the union
type Unnumbered<E> = E extends any ? Omit<E, 'step' | 'timeMs'> : never

/** Kinds that controllers write beside their work. */
const BESIDE = new Set(['Event', 'Lease', 'SelfSubjectAccessReview', 'SubjectAccessReview', 'TokenReview'])

/** Headers of the files of one recording, by their numbers. */
export function recordingHeader(recorder: RecordedTraceHeader['recorder']): (part: number) => RecordedTraceHeader {
  const recording = randomUUID()
  return (part) => ({ type: 'trace', formatVersion: TRACE_FORMAT_VERSION, source: 'live', recorder, recording, part })
}

export function createRecording({ sink, now, redact }: RecordingOptions): Recording {
  const kinds = createKindNames()
  const causes = createCauses()
  const conceal = redact ? createRedaction() : <T>(value: T): T => value
  const inferences = new Map<string, ReconcileInference>()
  /** The newest version of an object that went by. */
  const versions = new Map<string, string>()
  const openWatches = new Set<RecordedWatch>()
  const open = new Map<string, { readonly process: string; readonly request: Request }>()
  let steps = 0
  let reconciles = 0
  let watches = 0

  const emit = (event: Unnumbered<TraceEvent>): number => {
    const step = steps++
    sink.write(conceal({ step, timeMs: now(), ...event } as TraceEvent))
    return step
  }
  const learnVersion = (rest: RestName, object: KubernetesObject): void => {
    const { name, namespace, resourceVersion } = object.metadata ?? {}
    if (resourceVersion === undefined) return
    versions.set(versionKey(rest, namespace, name), resourceVersion)
    if (versions.size > VERSIONS_MAX) versions.delete(versions.keys().next().value as string)
  }
  const begin = (
    { process, controller }: Pick<Caller, 'process' | 'controller'>,
    request: Request,
    inferred: boolean,
  ) => {
    const where = request.namespace === undefined ? request.name : `${request.namespace}/${request.name}`
    const reconcile = `${controller} ${where} #${++reconciles}`
    const marked = inferred ? { inferred: true as const } : {}
    emit({
      type: 'reconcile-begin',
      reconcile,
      process,
      controller,
      request,
      causes: causes.take(process, request),
      ...marked,
    })
    open.set(reconcile, { process, request })
    return reconcile
  }
  const end = (reconcile: string, result: Result, inferred: boolean): void => {
    const begun = open.get(reconcile)
    if (begun === undefined) return
    open.delete(reconcile)
    emit({ type: 'reconcile-end', reconcile, result, ...(inferred ? { inferred: true as const } : {}) })
    if (result.type === 'requeueAfter') causes.again(begun.process, begun.request, 'timer')
    if (result.type === 'error' || result.type === 'requeue') causes.again(begun.process, begun.request, 'retry')
  }
  const inferenceOf = ({ process, controller }: Caller): ReconcileInference => {
    let inference = inferences.get(process)
    if (inference === undefined) {
      inference = inferReconciles({
        begin: ({ namespace, name }) =>
          begin({ process, controller }, { ...(namespace === undefined ? {} : { namespace }), name }, true),
        end: ({ id }, failed) => end(id, failed ? { type: 'error' } : { type: 'done' }, true),
      })
      inferences.set(process, inference)
    }
    return inference
  }

  return {
    sent(method, path) {
      const rest = method === 'GET' ? undefined : restNameOf(path)
      const version = rest?.name === undefined ? undefined : versions.get(versionKey(rest, rest.namespace, rest.name))
      return { step: steps, version }
    },
    answered(caller, exchange, sent) {
      const rest = restNameOf(exchange.path)
      const verb = rest === undefined ? undefined : verbOf(exchange.method, rest, exchange.query)
      if (rest === undefined || verb === undefined || verb === 'watch') {
        kinds.learnDiscovery(exchange.path, bodyOf(exchange.responseBody, exchange.responseType))
        const what = `${exchange.method} ${exchange.path}`
        emit({ type: 'other-call', by: caller.reconcile ?? caller.process, what, answer: exchange.code })
        return
      }
      const { resourceVersion, ...content } = callContent(verb, rest, exchange, kinds)
      const by = caller.reconcile ?? inferred(caller, rest, content)
      const committed = committedBy(content, sent.version)
      const step = emit({
        ...(redact ? withoutSecretPatch(content) : content),
        by: by ?? caller.process,
        process: caller.process,
        sent: sent.step,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(committed === undefined ? {} : { committed }),
      } as Unnumbered<ApiCall & { step: number }>)
      const object = 'object' in content.response ? content.response.object : null
      if (object !== null && rest.subresource === undefined) learnVersion(rest, object)
      const [change] = committed ?? []
      if (change?.removed === true) causes.removed(change.object, object?.metadata?.uid, step)
      else if (change !== undefined && object !== null) causes.wrote(object, step)
    },
    watch(caller, path, query) {
      const rest = restNameOf(path)
      if (rest === undefined) return undefined
      const { process } = caller
      const watch = `watch ${++watches}`
      const resourceVersion = query.get('resourceVersion') ?? ''
      // With a version it goes on from a list; without one, or with 0, the objects that are there come first.
      const sendsInitial = /^(true|1)$/.test(query.get('sendInitialEvents') ?? '')
      let initial = sendsInitial || resourceVersion === '' || resourceVersion === '0'
      emit({
        type: 'watch-begin',
        process,
        watch,
        object: kinds.typeOf(rest),
        ...(rest.namespace === undefined ? {} : { namespace: rest.namespace }),
        ...selectorsOf(query),
        ...(resourceVersion === '' ? {} : { resourceVersion }),
      })
      let status: Status | undefined
      const line = (text: string): void => {
        const event = parsed(text)
        if (event === undefined) return
        const { type, object } = event
        kinds.learn(rest, object)
        if (type === 'ERROR') status = object as unknown as Status
        if (type === 'BOOKMARK') initial = initial && object.metadata?.annotations?.[INITIAL_EVENTS_END] !== 'true'
        if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return
        const value = watchedObject(object, kinds.typeOf(rest))
        if (type !== 'ADDED') initial = initial && sendsInitial
        causes.delivered(process, type, value, initial && type === 'ADDED')
        learnVersion(rest, value)
        const version = value.metadata.resourceVersion ?? ''
        const name = objectName(value)
        emit({
          type: 'delivery',
          process,
          event: type,
          object: name,
          resourceVersion: version,
          late: false,
          watch,
          value,
          ...(isPartial(object) ? { partial: true as const } : {}),
        })
      }
      const recorded: RecordedWatch = {
        piece: splitLines(line),
        end: () => {
          if (openWatches.delete(recorded))
            emit({ type: 'watch-end', process, watch, ...(status === undefined ? {} : { status }) })
        },
      }
      openWatches.add(recorded)
      return recorded
    },
    begin: (caller, request) => begin(caller, request, false),
    end: (reconcile, result) => end(reconcile, result, false),
    flush: () => sink.flush(),
    async close() {
      for (const watch of openWatches) watch.end()
      for (const inference of inferences.values()) inference.expire(Number.POSITIVE_INFINITY)
      emit({ type: 'end', steps })
      await sink.close()
    },
  }

  /** Calls of informers (lists of a whole kind) and of the housekeeping are no reconcile's. */
  function inferred(caller: Caller, rest: RestName, content: CallContent): string | undefined {
    if (BESIDE.has(content.object.kind) || rest.subresource === 'log' || rest.subresource === 'token') return undefined
    return inferenceOf(caller).assign(content, { timeMs: now(), connection: caller.connection })
  }
}

/** The data of Secrets are hidden by kind, which patches and texts do not say: nothing of them is kept. */
function withoutSecretPatch(content: CallContent): CallContent {
  const { object, request } = content
  if (object.kind !== 'Secret' || request.body === undefined) return content
  const says = isRecord(request.body) && request.body['kind'] === 'Secret'
  return says ? content : { ...content, request: { ...request, body: '(redacted)' } }
}

const VERSIONS_MAX = 200_000
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

function versionKey(
  { apiVersion, resource }: RestName,
  namespace: string | undefined,
  name: string | undefined,
): string {
  // Groups keep their objects' versions in all their versions.
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  return `${group} ${resource} ${namespace ?? ''}/${name ?? ''}`
}

/** What a write changed; undefined for reads, and where it cannot be told. `known`: the version before. */
function committedBy(content: CallContent, known: string | undefined): ApiCall['committed'] | undefined {
  const { verb, response, object: type, namespace, name = '', request } = content
  if (verb === 'get' || verb === 'list') return undefined
  if ('status' in response || (isRecord(request.options) && request.options['dryRun'] !== undefined)) return []
  if (verb === 'deletecollection' || 'items' in response) return undefined
  const { object } = response
  if (object === null) {
    const place = namespace === undefined ? `${type.kind} ${name}` : `${type.kind} ${namespace}/${name}`
    return verb === 'delete' ? [{ object: place, resourceVersion: '', removed: true }] : undefined
  }
  const { subresource } = content
  if (subresource !== undefined && object.kind !== type.kind) return undefined
  const { resourceVersion = '', deletionTimestamp } = object.metadata ?? {}
  const removed = deletionTimestamp === undefined ? verb === 'delete' : !isHeld(object)
  if (!removed && verb !== 'create' && resourceVersion === known) return []
  // A write that takes the last finalizer away is answered the version that was before.
  const hasOwnVersion = !removed || (verb === 'delete' && resourceVersion !== known)
  return [{ object: objectName(object), resourceVersion: hasOwnVersion ? resourceVersion : '', removed }]
}

/** Whether something keeps an object that is being deleted. */
function isHeld({ kind, metadata, ...rest }: KubernetesObject): boolean {
  const { finalizers = [], deletionGracePeriodSeconds = 0 } = metadata
  const { finalizers: ofNamespace = [] } = (rest['spec'] ?? {}) as { readonly finalizers?: readonly string[] }
  return finalizers.length > 0 || deletionGracePeriodSeconds > 0 || (kind === 'Namespace' && ofNamespace.length > 0)
}

interface StreamedEvent {
  readonly type: string
  readonly object: KubernetesObject
}

function parsed(text: string): StreamedEvent | undefined {
  if (text === '') return undefined
  try {
    const event = JSON.parse(text) as StreamedEvent
    return isRecord(event.object) ? event : undefined
  } catch {
    return undefined
  }
}

/** A row of a table, or metadata alone, stands for its object. */
function watchedObject(object: KubernetesObject, type: KubernetesObject | { apiVersion: string; kind: string }) {
  const row =
    object.kind === 'Table' ? (object['rows'] as readonly { object?: KubernetesObject }[])[0]?.object : undefined
  const value = row ?? object
  const isWhole = value.kind !== undefined && !value.kind.startsWith('PartialObjectMetadata')
  return isWhole ? value : { ...value, apiVersion: type.apiVersion, kind: type.kind }
}

function isPartial({ kind = '' }: { readonly kind?: string }): boolean {
  return kind === 'Table' || kind.startsWith('PartialObjectMetadata')
}

/** Calls `line` with every whole line; the bytes of a character may come in two pieces. */
function splitLines(line: (text: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder()
  let rest: string[] = []
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true })
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      line(rest.length === 0 ? text.slice(from, at) : rest.join('') + text.slice(from, at))
      rest = []
      from = at + 1
    }
    if (from < text.length) rest.push(text.slice(from))
  }
}
