/** `record`: a proxy before an API server that writes what its clients do as a trace (`record/proxy.ts`). */
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ScenarioError } from '#cluster/scenario-error.ts'
import { createClients } from './record/clients.ts'
import type { EventSink } from './record/event-sink.ts'
import { createProxy, type Proxy } from './record/proxy.ts'
import { createRecording, recordingHeader } from './record/recording.ts'
import { openSink } from './record/sinks/open-sink.ts'
import { readUpstream, type Upstream } from './record/upstream.ts'
import { createCertificate } from './serve/certificate.ts'
import { kubeconfigText } from './serve/kubeconfig.ts'

export interface RecordOptions {
  /** File of the kubeconfig that leads to the API server. */
  readonly upstream: string
  /** Default: the kubeconfig's current one. */
  readonly context?: string
  /** Default 127.0.0.1. Any other needs TLS, since tokens go over it. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Default true: client-go sends credentials of a kubeconfig over nothing else. */
  readonly tls?: boolean
  /** Programs that get a kubeconfig of their own, by which they are told apart. */
  readonly clients?: readonly string[]
  /** File of the trace, `s3://BUCKET/KEY`, `otlp+http://HOST`, or `-` for stdout. */
  readonly out: string
  readonly rotateBytes?: number
  readonly filesMax?: number
  readonly waitingBytesMax?: number
  /** Whether the data of Secrets are hidden. Default true. */
  readonly redact?: boolean
  /** Told of faults, a line each. */
  readonly onFault?: (message: string) => void
}

export interface Recorder {
  readonly url: string
  /** Text of a kubeconfig for programs without a name of their own. */
  readonly kubeconfig: string
  /** Texts of kubeconfigs, by the program's name. */
  readonly kubeconfigs: ReadonlyMap<string, string>
  /** Files of the trace, in their order; none where it goes elsewhere. */
  files(): readonly string[]
  /** Events that the sink was too slow for. */
  dropped(): number
  /** Ends connections and writes out what waits. */
  close(): Promise<void>
}

/** @throws ScenarioError where the upstream, the address or the file cannot be used */
export async function record(options: RecordOptions): Promise<Recorder> {
  const { host = '127.0.0.1', clients: names = [], redact = true } = options
  const isLoopback = /^(127\.[0-9.]+|localhost|::1)$/.test(host)
  if (!isLoopback && options.tls === false)
    throw new ScenarioError(
      `--listen ${host} is reachable from other machines, and tokens would go over it as text: leave --no-tls out.`,
    )
  const upstream = upstreamOf(options)
  const certificate = options.tls === false ? undefined : await createCertificate(host)
  const clients = createClients(['', ...names])
  const sink = sinkOf(options)
  const recording = createRecording({ sink, now: () => Date.now(), redact })
  const proxy = createProxy({ upstream, clients, recording, onFault: options.onFault ?? (() => {}) })
  const server =
    certificate === undefined
      ? createServer(LIMITS, proxy.listener)
      : createTlsServer({ ...LIMITS, key: certificate.key, cert: certificate.certificate }, proxy.listener)
  server.on('upgrade', proxy.upgrade)
  await listen(server, host, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const kubeconfigs = new Map(
    [...clients.tokens].map(([name, token]) => [
      name,
      kubeconfigText({ url, token, ...(certificate === undefined ? {} : { certificate: certificate.certificate }) }),
    ]),
  )
  return {
    url,
    kubeconfig: kubeconfigs.get('') as string,
    kubeconfigs: new Map([...kubeconfigs].filter(([name]) => name !== '')),
    files: () => sink.files?.() ?? [],
    dropped: () => sink.dropped(),
    close: async () => {
      await closeServer(server, proxy)
      await recording.close()
    },
  }
}

/** Requests may last as long as the API server lets them. */
const LIMITS = { maxHeaderSize: 64 * 1024, headersTimeout: 30_000, requestTimeout: 0, keepAliveTimeout: 120_000 }

function upstreamOf({ upstream, context }: RecordOptions): Upstream {
  try {
    return readUpstream(upstream, context)
  } catch (error) {
    throw new ScenarioError(`the kubeconfig ${upstream} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

function sinkOf(options: RecordOptions): EventSink {
  const { out, onFault = () => {} } = options
  try {
    return openSink({ ...options, out, onFault }, recordingHeader('proxy'))
  } catch (error) {
    throw new ScenarioError(`the trace ${out} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `port ${port} is in use: choose another with --listen` : error.message
      reject(new ScenarioError(`cannot listen on ${host}: ${why}`, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })
}

async function closeServer(server: Server, proxy: Proxy): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // Watches never end by themselves.
  server.closeAllConnections()
  proxy.close()
  await closed
  // What was read last is recorded in the next turns of the event loop.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
