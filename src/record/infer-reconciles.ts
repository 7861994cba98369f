/**
 * Reconciles that no wrapper marks, guessed from the calls of a process. A reconcile is taken to be about one object,
 * its subject: that of its first call if it is a get, else the controller owner of what it writes, else what it writes.
 * It goes on while calls come that have to do with its subject, or follow soon on the same connection. Whatever is made of
 * it is marked as inferred.
 */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { CallContent } from './exchange.ts'

/** What the reconcile is about. */
export interface Subject extends TypeReference {
  readonly namespace?: string
  readonly name: string
  /** It owns what was written. */
  readonly isOwner?: true
}

export interface InferredReconcile {
  readonly id: string
  readonly subject: Subject
}

export interface InferOptions {
  readonly begin: (subject: Subject) => string
  readonly end: (reconcile: InferredReconcile, failed: boolean) => void
}

interface Open extends InferredReconcile {
  readonly startsWithGet: boolean
  connection: number
  lastMs: number
  /** The last write lost against another writer: the same object may be read again for another try. */
  conflicted: boolean
  failed: boolean
  wrote: boolean
}

/** A reconcile without a call for so long is over. */
const IDLE_MS = 1000
/** A call that shows no subject of its own belongs to what went on so recently. */
const SOON_MS = 250

export interface ReconcileInference {
  /** Whose a call is that ended now; undefined: no reconcile's. */
  assign(call: CallContent, at: { readonly timeMs: number; readonly connection: number }): string | undefined
  /** Ends what has been idle. */
  expire(timeMs: number): void
}

export function inferReconciles(options: InferOptions): ReconcileInference {
  let open: Open[] = []
  const end = (reconcile: Open): void => {
    open = open.filter((other) => other !== reconcile)
    options.end(reconcile, reconcile.failed)
  }
  const expire = (timeMs: number): void => {
    for (const reconcile of open) if (timeMs - reconcile.lastMs > IDLE_MS) end(reconcile)
  }
  return {
    expire,
    assign(call, { timeMs, connection }) {
      expire(timeMs)
      const about = subjectOf(call)
      const known = open.find((reconcile) => goesOn(reconcile, call, about))
      const recent = known ?? recentOn(open, call, about, { timeMs, connection })
      const reconcile = recent ?? beginWith(call, about)
      if (reconcile === undefined) return undefined
      reconcile.lastMs = timeMs
      reconcile.connection = connection
      note(reconcile, call)
      return reconcile.id
    },
  }

  function beginWith(call: CallContent, about: Subject | undefined): Open | undefined {
    if (about === undefined) return undefined
    // One worker has one reconcile at a time, and most controllers one worker for a kind.
    for (const other of open)
      if (other.subject.kind === about.kind && other.startsWithGet === (call.verb === 'get')) end(other)
    const reconcile: Open = {
      id: options.begin(about),
      subject: about,
      startsWithGet: call.verb === 'get',
      connection: 0,
      lastMs: 0,
      conflicted: false,
      failed: false,
      wrote: false,
    }
    open.push(reconcile)
    return reconcile
  }
}

function note(reconcile: Open, { verb, response }: CallContent): void {
  const isWrite = verb !== 'get' && verb !== 'list'
  if (!isWrite) return
  const code = 'status' in response ? response.status.code : 0
  reconcile.wrote = true
  reconcile.conflicted = code === 409
  reconcile.failed = code >= 400
}

/** A call about the subject itself. A get of it begins the next reconcile, unless a conflict asks for it. */
function goesOn(reconcile: Open, call: CallContent, about: Subject | undefined): boolean {
  if (about === undefined || !isSame(reconcile.subject, about)) return false
  return call.verb !== 'get' || !reconcile.startsWithGet || reconcile.conflicted
}

/** A call about something else: of the reconcile of that connection, or of the last one. */
function recentOn(
  open: readonly Open[],
  call: CallContent,
  about: Subject | undefined,
  { timeMs, connection }: { readonly timeMs: number; readonly connection: number },
): Open | undefined {
  const soon = open.filter(({ lastMs }) => timeMs - lastMs <= SOON_MS)
  const fits = soon.filter((reconcile) => !beginsAnother(reconcile, call, about))
  return fits.find((reconcile) => reconcile.connection === connection) ?? fits.at(-1)
}

function beginsAnother(reconcile: Open, call: CallContent, about: Subject | undefined): boolean {
  if (about === undefined) return false
  const { kind, apiVersion } = reconcile.subject
  if (call.verb === 'get') return reconcile.startsWithGet && kind === about.kind && apiVersion === about.apiVersion
  // What began with reading one object may write another of its kind, but not for another owner.
  if (reconcile.startsWithGet && about.isOwner !== true) return false
  return kind === about.kind && apiVersion === about.apiVersion && !isSame(reconcile.subject, about)
}

function isSame(a: Subject, b: Subject): boolean {
  return (
    a.kind === b.kind &&
    a.apiVersion === b.apiVersion &&
    a.name === b.name &&
    (a.namespace ?? '') === (b.namespace ?? '')
  )
}

/** What a call is about; undefined for lists, which are about many. */
function subjectOf(call: CallContent): Subject | undefined {
  const { object, namespace, name, response } = call
  if (call.verb === 'list' || call.verb === 'deletecollection') return undefined
  const place = namespace === undefined ? {} : { namespace }
  if (call.verb !== 'get') {
    const written =
      ('object' in response ? response.object : undefined) ?? (call.request.body as KubernetesObject | null)
    const owner = written?.metadata?.ownerReferences?.find(({ controller }) => controller === true)
    if (owner !== undefined)
      return { apiVersion: owner.apiVersion, kind: owner.kind, ...place, name: owner.name, isOwner: true }
  }
  const own = name ?? ('object' in response ? response.object?.metadata?.name : undefined)
  return own === undefined ? undefined : { ...object, ...place, name: own }
}
