/** A request and its answer, as they went by, made an event of a trace. */
import type { Json, KubernetesObject } from '#api/object.ts'
import { decodeProtobuf } from '#api/protobuf/decode.ts'
import type { Status } from '#api/status.ts'
import type { ApiCall } from '#trace/trace-event.ts'
import type { KindNames, RestName } from './rest-names.ts'

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** '' for none. */
  readonly requestType: string
  readonly requestBody: Uint8Array
  readonly code: number
  readonly responseType: string
  readonly responseBody: Uint8Array
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const PATCH_TYPES: Readonly<Record<string, string>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
  'application/apply-patch+cbor': 'apply',
}

/** JSON or protobuf; text that is neither, as a string; undefined for nothing. */
export function bodyOf(bytes: Uint8Array, contentType: string): Json | undefined {
  if (bytes.length === 0) return undefined
  try {
    if (contentType.startsWith(PROTOBUF)) return decodeProtobuf(bytes) as Json
  } catch {
    return `(${bytes.length} bytes of protobuf)`
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** What a call event says beside who made it. `committed` is left to `recording.ts`, which knows what was before. */
export type CallContent = Pick<
  ApiCall,
  'type' | 'verb' | 'object' | 'namespace' | 'name' | 'subresource' | 'cached' | 'request' | 'response' | 'partial'
> & { readonly resourceVersion?: string }

export function callContent(verb: ApiCall['verb'], rest: RestName, exchange: Exchange, kinds: KindNames): CallContent {
  const { query, requestType, requestBody, responseBody, responseType } = exchange
  const sent = bodyOf(requestBody, requestType)
  const answer = bodyOf(responseBody, responseType)
  kinds.learn(rest, sent)
  kinds.learn(rest, answer)
  const object = kinds.typeOf(rest)
  const patchType = verb === 'patch' ? PATCH_TYPES[(requestType.split(';')[0] as string).trim()] : undefined
  const name = rest.name ?? (verb === 'create' ? nameIn(sent) : undefined)
  const isRemoval = verb === 'delete' || verb === 'deletecollection'
  const options = { ...optionsOf(query), ...(isRemoval && isRecord(sent) ? deleteOptions(sent) : {}) }
  return {
    type: 'call',
    verb,
    object,
    ...(rest.namespace === undefined ? {} : { namespace: rest.namespace }),
    ...(name === undefined ? {} : { name }),
    ...(rest.subresource === undefined ? {} : { subresource: rest.subresource }),
    cached: false,
    request: {
      ...selectorsOf(query),
      ...(patchType === undefined ? {} : { patchType }),
      ...(sent === undefined || isRemoval ? {} : { body: typed(sent, object, rest) }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    },
    ...responseOf(exchange.code, answer, { verb, object, rest }),
  }
}

export function selectorsOf(query: URLSearchParams) {
  const labelSelector = query.get('labelSelector') ?? ''
  const fieldSelector = query.get('fieldSelector') ?? ''
  return {
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  }
}

/** Options of the query that change what a call does. */
const OPTIONS = ['fieldManager', 'fieldValidation', 'dryRun', 'propagationPolicy', 'limit', 'continue'] as const

function optionsOf(query: URLSearchParams): Record<string, Json> {
  const options: Record<string, Json> = {}
  for (const name of [...OPTIONS, 'resourceVersion'] as const) {
    const text = query.get(name) ?? ''
    if (text !== '') options[name] = name === 'limit' ? Number(text) : text
  }
  for (const name of ['force', 'orphanDependents']) {
    const text = query.get(name) ?? ''
    if (text !== '') options[name] = text === 'true'
  }
  const grace = query.get('gracePeriodSeconds') ?? ''
  if (grace !== '') options['gracePeriodSeconds'] = Number(grace)
  return options
}

function deleteOptions(sent: Record<string, Json>): Record<string, Json> {
  const { kind: _, apiVersion: __, ...options } = sent
  return options
}

function responseOf(
  code: number,
  answer: Json | undefined,
  { verb, object, rest }: Pick<CallContent, 'verb' | 'object'> & { readonly rest: RestName },
): Pick<CallContent, 'response' | 'partial'> & { readonly resourceVersion?: string } {
  if (code >= 400) return { response: { status: statusOf(code, answer) } }
  if (!isRecord(answer) || answer['kind'] === 'Status') return { response: { object: null } }
  const kind = String(answer['kind'])
  if (kind === 'Table') return { response: { items: tableItems(answer, object) }, partial: true }
  const partial = kind.startsWith('PartialObjectMetadata') ? { partial: true as const } : {}
  if (Array.isArray(answer['items']) && (verb === 'list' || verb === 'deletecollection')) {
    const version = (answer['metadata'] as { readonly resourceVersion?: string } | undefined)?.resourceVersion
    const items = (answer['items'] as unknown as readonly KubernetesObject[]).map((item) => ({ ...item, ...object }))
    return { response: { items }, ...partial, ...(version === undefined ? {} : { resourceVersion: version }) }
  }
  return { response: { object: typed(answer, object, rest) as unknown as KubernetesObject }, ...partial }
}

function statusOf(code: number, answer: Json | undefined): Status {
  if (isRecord(answer) && answer['kind'] === 'Status') return answer as unknown as Status
  const message = typeof answer === 'string' ? answer.slice(0, 1000) : `the server answered ${code}`
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, message } as unknown as Status
}

function tableItems(table: Record<string, Json>, type: CallContent['object']): readonly KubernetesObject[] {
  const rows = (table['rows'] ?? []) as readonly { readonly object?: KubernetesObject }[]
  return rows.flatMap(({ object }) => (object === undefined ? [] : [{ ...object, ...type }]))
}

/** An object with the kind of its path, where it is that kind's and says none, or stands for it. */
function typed(body: Json, type: CallContent['object'], { subresource }: RestName): Json {
  if (!isRecord(body) || (subresource !== undefined && subresource !== 'status')) return withoutToken(body)
  const { kind } = body
  return kind === undefined || kind === 'PartialObjectMetadata' ? { ...body, ...type } : withoutToken(body)
}

/** Tokens are in reviews and requests of them. */
function withoutToken(body: Json): Json {
  if (!isRecord(body) || !String(body['apiVersion'] ?? '').startsWith('authentication.k8s.io/')) return body
  const hide = (part: Json | undefined): Json =>
    isRecord(part) && 'token' in part ? { ...part, token: '(redacted)' } : (part ?? null)
  return { ...body, spec: hide(body['spec']), status: hide(body['status']) }
}

function nameIn(body: Json | undefined): string | undefined {
  const name = isRecord(body) ? (body['metadata'] as { readonly name?: unknown } | undefined)?.name : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}

export function isRecord(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
