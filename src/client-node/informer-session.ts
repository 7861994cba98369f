/**
 * What informers of a program see in one run: the lists that they start with, as they were before the event, and then
 * the event. While they start, nothing but that is answered: callbacks for objects that were there before have been
 * called before, so what they ask for now is dropped.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { namespacedNameKey } from '#api/key.ts'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import { parseSelection, selects } from '#apiserver/read.ts'
import type { ApiRequest } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import type { ObjectEvent } from '#controller/controller.ts'
import { inMemoryAgent, listenerOver } from './in-memory-agent.ts'
import { SimulatedKubeConfig } from './kube-config.ts'
import { jsonAnswer, type RestAnswer, restRequestOf } from './rest-answer.ts'
import type { RunServer } from './run-kube-config.ts'

export interface InformerSession {
  readonly kubeConfig: SimulatedKubeConfig
  /** Resolves when the program has done all that it can without another answer. */
  quiet(): Promise<void>
  /** Sends the event to the watches that it concerns; from now on everything is answered. */
  deliver(): void
  /** The first request that was not answered, if no watch has begun: the program waits for it. */
  waitsFor(): string | undefined
}

interface Stream {
  readonly request: ApiRequest
  readonly response: ServerResponse
}

/** Answered at once, without a call of the run's host, when the code has nothing else to do. */
const NOTHING: RestRequest = {
  method: 'GET',
  path: '/api',
  query: new URLSearchParams(),
  contentType: '',
  accept: '',
  body: '',
}

/** @param kinds what the informers watch */
export function openInformerSession(
  server: RunServer,
  kinds: readonly TypeReference[],
  event: ObjectEvent,
): InformerSession {
  const streams: Stream[] = []
  let requests = 0
  let hasListed = false
  let isLive = false
  let dropped: string | undefined
  const answer = (rest: RestRequest): Promise<RestAnswer> => {
    requests++
    if (isLive) return server.answer(rest)
    const parsed = parseRestRequest(server.table, rest)
    if (parsed.type === 'request' && parsed.request.verb === 'list' && isOneOf(kinds, parsed.request.resource)) {
      hasListed = true
      return server.answerFromView(rest).then((answered) => listBefore(event, parsed.request, answered))
    }
    if (rest.method === 'GET' && !hasListed) return server.answer(rest)
    dropped ??= `${rest.method} ${rest.path}`
    return new Promise(() => undefined)
  }
  const plain = listenerOver(answer)
  const listener: RequestListener = (request, response) => {
    const watched = watchOf(server, request)
    if (watched === undefined) return plain(request, response)
    requests++
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    streams.push({ request: watched, response })
  }
  return {
    kubeConfig: new SimulatedKubeConfig({ answer, agent: () => inMemoryAgent(listener) }),
    async quiet() {
      for (let before = -1; before !== requests; ) {
        before = requests
        await server.answer(NOTHING)
      }
    },
    deliver() {
      isLive = true
      for (const { request, response } of streams) {
        const type = eventTypeFor(event, request)
        if (type !== undefined) response.write(`${JSON.stringify({ type, object: event.object })}\n`)
      }
    },
    waitsFor: () => (streams.length === 0 ? dropped : undefined),
  }
}

function isOneOf(kinds: readonly TypeReference[], resource: ResourceInfo): boolean {
  return kinds.some(({ apiVersion, kind }) => kind === resource.kind && apiVersion === apiVersionOf(resource))
}

function watchOf(
  { table }: RunServer,
  { method = 'GET', url = '/', headers }: IncomingMessage,
): ApiRequest | undefined {
  const parsed = parseRestRequest(table, restRequestOf({ method, url, body: '' }, headers))
  return parsed.type === 'watch' ? parsed.request : undefined
}

/** The object of the event as it was before; undefined for one that was not there. */
function formerOf({ type, object, old }: ObjectEvent): KubernetesObject | undefined {
  return type === 'ADDED' ? undefined : type === 'DELETED' ? object : old
}

/** Whether a list or watch of this scope and selection shows the object. */
function isShown({ resource, namespace, options }: ApiRequest, object: KubernetesObject): boolean {
  if (resource.kind !== object.kind || apiVersionOf(resource) !== object.apiVersion) return false
  if (namespace && object.metadata.namespace !== namespace) return false
  const selection = parseSelection(resource, options)
  return !('failure' in selection) && selects(selection, object)
}

function eventTypeFor(event: ObjectEvent, request: ApiRequest): ObjectEvent['type'] | undefined {
  const former = formerOf(event)
  const was = former !== undefined && isShown(request, former)
  if (event.type !== 'DELETED' && isShown(request, event.object)) return was ? 'MODIFIED' : 'ADDED'
  return was ? 'DELETED' : undefined
}

/** The list with the event's object as it was before: the view may be ahead of the events that wait. */
function listBefore(event: ObjectEvent, request: ApiRequest, answered: RestAnswer): RestAnswer {
  if (answered.code !== 200) return answered
  const list = JSON.parse(answered.text) as { readonly items: readonly KubernetesObject[] }
  const { object } = event
  const isOfKind = request.resource.kind === object.kind && apiVersionOf(request.resource) === object.apiVersion
  if (!isOfKind) return answered
  const former = formerOf(event)
  const others = list.items.filter((item) => keyOf(item) !== keyOf(object))
  const shown = former !== undefined && isShown(request, former) ? [former] : []
  const items = [...others, ...shown].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return jsonAnswer(200, { ...list, items })
}

function keyOf({ metadata }: KubernetesObject): string {
  return namespacedNameKey(metadata.namespace ?? '', metadata.name ?? '')
}
