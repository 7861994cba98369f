/**
 * `serve`: the simulated API server over HTTP, for any client. Next: `serve/live-state.ts` for what it holds,
 * `serve/http-front.ts` for what it says.
 */
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createScheme, declareKind } from '#api/scheme.ts'
import { type ApiState, initialState } from '#apiserver/state.ts'
import { builtin } from '#builtin-controllers/builtin.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { Controller } from '#controller/define-controller.ts'
import { type Certificate, createCertificate } from './serve/certificate.ts'
import { createHttpFront, type HttpFront } from './serve/http-front.ts'
import { type Journal, openJournal, readJournal } from './serve/journal.ts'
import { kubeconfigText } from './serve/kubeconfig.ts'
import { type LiveControllers, startControllers } from './serve/live-controllers.ts'
import { createLiveState, type LiveState } from './serve/live-state.ts'
import { refuseMalformed } from './serve/malformed-request.ts'

export interface ServeOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** Default 127.0.0.1. Any other needs a token. */
  readonly host?: string
  /** Its kinds, CRDs and objects are there at the start, and its webhooks are called. Manifests must be objects. */
  readonly scenario?: Scenario
  /** A file that keeps what is written, for the next start. */
  readonly persist?: string
  readonly token?: string
  readonly tls?: boolean
  /** URLs of services that webhooks are registered by: `{ 'NAMESPACE/NAME': 'https://127.0.0.1:9443' }`. Default: none. */
  readonly webhookServices?: Readonly<Record<string, string>>
  /** Which built-in controllers run. Default none. */
  readonly controllers?: 'none' | 'workloads' | 'all'
  /** Told of faults, a line each. */
  readonly onFault?: (message: string) => void
}

export interface SimulatedServer {
  readonly url: string
  readonly live: LiveState
  /** Text of a kubeconfig for it. */
  readonly kubeconfig: string
  /** Ends watches and connections, and writes out what is persisted. */
  close(): Promise<void>
}

/** Starts a server. Throws `ScenarioError` for options that contradict each other. */
export async function serve(options: ServeOptions = {}): Promise<SimulatedServer> {
  const { host = '127.0.0.1', token, onFault } = options
  const isLoopback = /^(127\.[0-9.]+|localhost|::1)$/.test(host)
  if (!isLoopback && token === undefined)
    throw new ScenarioError(`--host ${host} is reachable from other machines, and anybody may write: add --token.`)
  const now = (): number => Date.now()
  const { live, journal } = openState(options, now)
  const front = createHttpFront({
    live,
    now,
    waitsForNewKinds: true,
    loopbackOnly: isLoopback && token === undefined,
    ...(token === undefined ? {} : { token }),
    onFault: (error, request) => onFault?.(`${request}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  const certificate = options.tls === true ? await createCertificate(host) : undefined
  const server = await listen(front, { port: options.port ?? 0, host }, certificate)
  const { port } = server.address() as AddressInfo
  const url = `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const controllers = startControllers(live, builtInControllers(options.controllers), {
    now,
    onError: (name, request, error) => onFault?.(`controller ${name}, ${request}: ${(error as Error).message}`),
  })
  const kubeconfig = kubeconfigText({
    url,
    ...(token === undefined ? {} : { token }),
    ...(certificate === undefined ? {} : { certificate: certificate.certificate }),
  })
  return { url, live, kubeconfig, close: () => close(server, front, controllers, journal) }
}

/** What is there at the start. Throws `ScenarioError` for objects and files that cannot be read. */
export function openState(
  { scenario, persist, webhookServices }: Pick<ServeOptions, 'scenario' | 'persist' | 'webhookServices'>,
  now: () => number,
): { readonly live: LiveState; readonly journal: Journal | undefined } {
  const table = createScheme((scenario?.kinds ?? []).map(declareKind))
  const nowMs = now()
  const kept = persist === undefined ? undefined : read(() => readJournal(persist, table, nowMs))
  const objects = [...(scenario?.crds ?? []), ...(scenario?.objects ?? [])] as readonly object[]
  const initial: ApiState =
    kept ?? read(() => initialState(table, [...systemNamespaces(objects), ...objects], { nowMs }))
  const journal = persist === undefined ? undefined : read(() => openJournal(persist, initial))
  const live = createLiveState({
    table,
    initial,
    now,
    webhooks: {
      ...(scenario?.webhooks === undefined ? {} : { functions: scenario.webhooks }),
      ...(webhookServices === undefined ? {} : { services: webhookServices }),
    },
    ...(journal === undefined ? {} : { onCommit: (records, state) => journal.append(records, state) }),
  })
  return { live, journal }
}

/** What every cluster has beside `default`. */
function systemNamespaces(objects: readonly object[]): readonly object[] {
  const given = new Set(
    (objects as readonly { readonly kind?: string; readonly metadata?: { readonly name?: string } }[])
      .filter(({ kind }) => kind === 'Namespace')
      .map(({ metadata }) => metadata?.name),
  )
  return ['kube-system', 'kube-public', 'kube-node-lease']
    .filter((name) => !given.has(name))
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
}

/** Faults of files and manifests are the user's to mend. */
function read<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new ScenarioError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** The built-in controllers of these names. */
export function builtInControllers(controllers: 'none' | 'workloads' | 'all' = 'none'): readonly Controller[] {
  if (controllers === 'none') return []
  const collectors = [builtin.garbageCollector(), builtin.namespace()]
  return [...(controllers === 'all' ? builtin.all() : builtin.workloads()), ...collectors]
}

function listen(
  { listener }: HttpFront,
  place: { readonly port: number; readonly host: string },
  certificate: Certificate | undefined,
): Promise<Server> {
  const limits = { maxHeaderSize: 64 * 1024, headersTimeout: 30_000, requestTimeout: 60_000, keepAliveTimeout: 120_000 }
  const server =
    certificate === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, key: certificate.key, cert: certificate.certificate }, listener)
  server.on('clientError', refuseMalformed)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? `port ${place.port} is in use: choose another with --port` : error.message
      reject(new ScenarioError(`cannot listen on ${place.host}: ${why}`, { cause: error }))
    })
    server.listen(place.port, place.host, () => resolve(server))
  })
}

async function close(
  server: Server,
  front: HttpFront,
  controllers: LiveControllers,
  journal: Journal | undefined,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  await controllers.stop()
  front.endWatches()
  server.closeIdleConnections()
  const patience = setTimeout(() => server.closeAllConnections(), 2000)
  await closed
  clearTimeout(patience)
  journal?.close()
}
