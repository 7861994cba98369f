/**
 * Reads an audit log of a Kubernetes API server (`audit.k8s.io/v1`, JSON lines): who called what, and what was answered
 * where the policy's level is `RequestResponse`. It has no reconciles, no caches and no deliveries.
 * Source: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
import type { NoteTaker } from '#analyses/trace-notes.ts'
import type { Json } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import { createRedaction } from '#trace/redact.ts'
import type { ApiCall } from '#trace/trace-event.ts'
import { comparableVersion, type Fields, fieldsOf, isFields, objectOf, textOf } from './foreign-json.ts'
import type { ForeignReader } from './go-kamera.ts'
import type { Operation } from './imported.ts'

const VERBS: ReadonlySet<string> = new Set<ApiCall['verb']>([
  'get',
  'list',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
])

export function isAudit(text: string): boolean {
  const fields = fieldsOf(text.trim())
  return fields?.kind === 'Event' && textOf(fields, 'apiVersion')?.startsWith('audit.k8s.io/') === true
}

export function createAuditReader(notes: NoteTaker): ForeignReader {
  const operations: Operation[] = []
  const seen = new Set<string>()
  const kinds = new Map<string, string>()
  const redact = createRedaction()
  return {
    line(text, line, terminated) {
      if (text.trim() === '') return
      const fields = fieldsOf(text.trim())
      if (fields === undefined) {
        if (terminated) notes.note('not-json', 'this is no JSON object, and is left out', line)
        else notes.note('cut-off', 'the file ends in this line, which is left out', line)
        return
      }
      const why = leftOut(fields)
      if (why !== undefined) return notes.note('other', `${why}; it is left out`, line)
      const id = textOf(fields, 'auditID')
      if (id !== undefined && seen.has(id))
        return notes.note('repeated', 'a call that was read before; it is left out', line)
      if (id !== undefined) seen.add(id)
      const operation = operationOf(fields, line, kinds, redact)
      if (operation.version === undefined && operation.written !== undefined)
        notes.note('version', 'the answer of this write is not in the log; it stays where it is', line)
      const listed = isFields(fields.responseObject) ? fields.responseObject.items : undefined
      const { response } = operation.call
      if ('items' in response && Array.isArray(listed) && listed.length > response.items.length)
        notes.note('malformed', 'objects of this list that have no usable metadata are left out', line)
      operations.push(operation)
    },
    finish: () => operations,
  }
}

function leftOut(fields: Fields): string | undefined {
  const reference = fields.objectRef
  const [stage, verb] = [textOf(fields, 'stage'), textOf(fields, 'verb')]
  if (fields.kind !== 'Event' || stage === undefined || verb === undefined) return 'no event of an audit log'
  if (stage !== 'ResponseComplete') return `the stage ${JSON.stringify(stage)} of a call`
  if (!VERBS.has(verb)) return `a call with the verb ${JSON.stringify(verb)}`
  if (!isFields(reference) || textOf(reference, 'resource') === undefined) return 'a call of no resource'
  return undefined
}

function operationOf(fields: Fields, line: number, kinds: Map<string, string>, redact: <T>(value: T) => T): Operation {
  const reference = fields.objectRef as Fields
  const verb = textOf(fields, 'verb') as ApiCall['verb']
  const resource = textOf(reference, 'resource') as string
  const subresource = textOf(reference, 'subresource')
  const group = textOf(reference, 'apiGroup')
  const version = textOf(reference, 'apiVersion') ?? 'v1'
  const apiVersion = group === undefined ? version : `${group}/${version}`
  const [sent, answer] = [fields.requestObject, fields.responseObject].map((value) =>
    isFields(value) ? value : undefined,
  )
  const own = (subresource === undefined ? [answer, sent] : [])
    .map((value) => (value === undefined ? undefined : textOf(value, 'kind')))
    .find((kind) => kind !== undefined && kind !== 'Status' && !/(List|Options)$/.test(kind))
  const listed = answer === undefined ? undefined : /^(.+)List$/.exec(textOf(answer, 'kind') ?? '')?.[1]
  const kind = own ?? listed ?? kinds.get(`${apiVersion} ${resource}`) ?? resource
  if (own !== undefined || listed !== undefined) kinds.set(`${apiVersion} ${resource}`, kind)
  const object = { apiVersion, kind }
  const content = objectOf(answer, object)
  const isObject = content !== undefined && answer?.kind !== 'Status' && !Array.isArray(answer?.items)
  const [namespace, name] = [
    textOf(reference, 'namespace'),
    textOf(reference, 'name') ?? (isObject ? content.metadata.name : undefined),
  ]
  const status = statusOf(fields, answer)
  const failed = (status.code ?? 200) >= 400
  const at = comparableVersion(isFields(answer?.metadata) ? textOf(answer.metadata, 'resourceVersion') : undefined)
  const isWrite = verb !== 'get' && verb !== 'list' && !/[?&]dryRun=/.test(textOf(fields, 'requestURI') ?? '')
  const isMark = isObject && content.metadata.deletionTimestamp !== undefined
  const timeMs = Date.parse(textOf(fields, 'stageTimestamp') ?? '')
  return {
    line,
    process: processOf(fields),
    call: {
      verb,
      object,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
      request: sent === undefined || verb.startsWith('delete') ? {} : { body: redact(typed(sent, object)) as Json },
      response: redact(responseOf()),
      // The level of the policy leaves out what was answered.
      ...(answer === undefined && !failed ? { partial: true as const } : {}),
    },
    ...(at === undefined || failed ? {} : { version: at }),
    ...(isWrite && !failed ? { written: { removed: verb === 'delete' && !isMark && subresource === undefined } } : {}),
    ...(Number.isNaN(timeMs) ? {} : { timeMs }),
  }

  function responseOf(): ApiCall['response'] {
    if (failed) return { status }
    if (verb === 'list' && Array.isArray(answer?.items)) {
      const items = answer.items.map((item) => objectOf(item, object))
      return { items: items.filter((item) => item !== undefined) }
    }
    return isObject && verb !== 'list' ? { object: content } : verb === 'list' ? { items: [] } : { object: null }
  }
}

/** What is sent may lack its type; Secrets are told by it. */
function typed(sent: Fields, { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Fields {
  return { apiVersion, kind, ...sent }
}

function statusOf(fields: Fields, answer: Fields | undefined): Status {
  const given = isFields(fields.responseStatus) ? fields.responseStatus : {}
  const told = answer?.kind === 'Status' ? answer : given
  const code = typeof given.code === 'number' ? given.code : 200
  const [reason, message] = [textOf(told, 'reason') ?? textOf(given, 'reason'), textOf(told, 'message')]
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: code < 400 ? 'Success' : 'Failure',
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    code,
  } as Status
}

/** Programs are told apart by their accounts and the first word of their user agents. */
function processOf(fields: Fields): string {
  const user = isFields(fields.user) ? (textOf(fields.user, 'username') ?? 'unknown') : 'unknown'
  const program = (textOf(fields, 'userAgent') ?? '').split(/[/ ]/, 1)[0]
  return program === '' || program === undefined ? user : `${user} ${program}`
}
