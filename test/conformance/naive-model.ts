/**
 * A small, slow model of custom resources, written from the API conventions alone and sharing no code with the server:
 * whole copies, no sharing, no caches. `store.property.test.ts` compares the server with it.
 */

// biome-ignore lint/suspicious/noExplicitAny: a model of any JSON
type Any = any

export type ModelRequest =
  | { readonly verb: 'create'; readonly name: string; readonly body: Any }
  | { readonly verb: 'update' | 'updateStatus'; readonly name: string; readonly body: Any }
  | { readonly verb: 'mergePatch' | 'mergePatchStatus'; readonly name: string; readonly body: Any }
  | { readonly verb: 'delete'; readonly name: string; readonly body: Any }
  | { readonly verb: 'get'; readonly name: string }

export interface ModelAnswer {
  readonly code: number
  readonly reason?: string
  readonly body?: Any
}

/** Objects by name, with their resourceVersion in them. */
export interface Model {
  objects: Record<string, Any>
  revision: number
  /** uids are only told apart: n-th object of that name. */
  created: Record<string, number>
}

const copy = (value: Any): Any => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
const same = (a: Any, b: Any): boolean => canonical(a) === canonical(b)

function canonical(value: Any): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`
}

function merge(target: Any, patch: Any): Any {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return copy(patch)
  const result = target !== null && typeof target === 'object' && !Array.isArray(target) ? copy(target) : {}
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete result[key]
    else result[key] = merge(result[key], patch[key])
  }
  return result
}

export function ask(model: Model, request: ModelRequest): ModelAnswer {
  const stored = model.objects[request.name]
  switch (request.verb) {
    case 'get':
      return stored === undefined ? { code: 404, reason: 'NotFound' } : { code: 200, body: copy(stored) }
    case 'create':
      return create(model, request.name, copy(request.body))
    case 'delete':
      return stored === undefined ? { code: 404, reason: 'NotFound' } : remove(model, request.name, request.body ?? {})
    case 'mergePatch':
    case 'mergePatchStatus': {
      if (stored === undefined) return { code: 404, reason: 'NotFound' }
      return put(model, request.name, merge(stored, request.body), request.verb === 'mergePatchStatus')
    }
    default: {
      const wanted = request.body.metadata.uid
      if (stored === undefined) return wanted ? { code: 409, reason: 'Conflict' } : { code: 404, reason: 'NotFound' }
      if (wanted && wanted !== stored.metadata.uid) return { code: 409, reason: 'Conflict' }
      return put(model, request.name, copy(request.body), request.verb === 'updateStatus')
    }
  }
}

function create(model: Model, name: string, body: Any): ModelAnswer {
  if (model.objects[name] !== undefined) return { code: 409, reason: 'AlreadyExists' }
  const incarnation = model.created[name] ?? 0
  model.created[name] = incarnation + 1
  const { labels, finalizers } = body.metadata
  const metadata: Any = {
    name,
    namespace: 'default',
    uid: `${name}#${incarnation}`,
    generation: 1,
    resourceVersion: String(++model.revision),
  }
  if (labels && Object.keys(labels).length > 0) metadata.labels = labels
  if (finalizers && finalizers.length > 0) metadata.finalizers = finalizers
  delete body.status
  model.objects[name] = { ...body, metadata }
  return { code: 201, body: copy(model.objects[name]) }
}

function put(model: Model, name: string, given: Any, isStatus: boolean): ModelAnswer {
  const stored = model.objects[name]
  const version = given.metadata.resourceVersion
  if (!version || version === '0') return { code: 422, reason: 'Invalid' }
  if (version !== stored.metadata.resourceVersion) return { code: 409, reason: 'Conflict' }
  const next = isStatus ? withStatus(stored, given.status) : withStatus(given, stored.status)
  next.metadata = copy(stored.metadata)
  if (!isStatus) {
    if (given.metadata.uid && given.metadata.uid !== stored.metadata.uid) return { code: 422, reason: 'Invalid' }
    for (const field of ['labels', 'finalizers']) {
      const value = given.metadata[field]
      delete next.metadata[field]
      if (value && Object.keys(value).length > 0) next.metadata[field] = copy(value)
    }
    const old: string[] = stored.metadata.finalizers ?? []
    const isDeleting = stored.metadata.deletionTimestamp !== undefined
    if (isDeleting && (next.metadata.finalizers ?? []).some((f: string) => !old.includes(f)))
      return { code: 422, reason: 'Invalid' }
    if (!same(content(next), content(stored))) next.metadata.generation++
    if (isDeleting && next.metadata.finalizers === undefined) {
      delete model.objects[name]
      model.revision++
      return { code: 200, body: next }
    }
  }
  if (!same(next, stored)) {
    next.metadata.resourceVersion = String(++model.revision)
    model.objects[name] = next
  }
  return { code: 200, body: copy(model.objects[name]) }
}

function withStatus(object: Any, status: Any): Any {
  const result = copy(object)
  delete result.status
  if (status !== undefined) result.status = copy(status)
  return result
}

/** What raises the generation. */
function content(object: Any): Any {
  const { metadata: _metadata, status: _status, ...rest } = object
  return rest
}

function remove(model: Model, name: string, options: Any): ModelAnswer {
  const stored = model.objects[name]
  const { uid, resourceVersion } = options.preconditions ?? {}
  if (uid !== undefined && uid !== stored.metadata.uid) return { code: 409, reason: 'Conflict' }
  if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion)
    return { code: 409, reason: 'Conflict' }
  const old: string[] = stored.metadata.finalizers ?? []
  const special: Any = { Orphan: 'orphan', Foreground: 'foregroundDeletion' }
  let finalizers = old
  if (options.propagationPolicy !== undefined) {
    finalizers = old.filter((f) => f !== 'orphan' && f !== 'foregroundDeletion')
    const wanted = special[options.propagationPolicy]
    if (wanted !== undefined) finalizers = [...finalizers, wanted]
    if (finalizers.length === old.length && finalizers.every((f) => old.includes(f))) finalizers = old
  }
  if (finalizers.length === 0) {
    delete model.objects[name]
    model.revision++
    return { code: 200 }
  }
  const next = copy(stored)
  next.metadata.finalizers = finalizers
  if (next.metadata.deletionTimestamp === undefined) {
    next.metadata.deletionTimestamp = 'now'
    next.metadata.generation++
  }
  next.metadata.deletionGracePeriodSeconds = 0
  if (!same(next, stored)) next.metadata.resourceVersion = String(++model.revision)
  model.objects[name] = next
  return { code: 200, body: copy(next) }
}
