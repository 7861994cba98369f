/**
 * `simulatedCluster`: an API server in this process, for tests and programs that use `@kubernetes/client-node` or
 * Kamera's client. No port, no file, no other process; what it answers is what `kamera serve` and a search answer.
 */
import { resolveManifests } from '#cli/resolve-manifests.ts'
import { inMemoryAgent } from '#client-node/in-memory-agent.ts'
import { SimulatedKubeConfig } from '#client-node/kube-config.ts'
import type { KindDeclaration, Manifest, Scenario } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import { createClient } from '#controller/create-client.ts'
import type { Controller } from '#controller/define-controller.ts'
import { answerAdmitted } from './serve/controller-calls.ts'
import { createHttpFront } from './serve/http-front.ts'
import { startControllers } from './serve/live-controllers.ts'
import { builtInControllers, openState } from './serve.ts'

export interface SimulatedClusterOptions {
  /** Definitions that are there at the start: objects, or paths of YAML or JSON files. */
  readonly crds?: readonly Manifest[]
  /** Objects that are there at the start. Their namespaces are, too. */
  readonly objects?: readonly Manifest[]
  /** Kinds that are served without a definition. */
  readonly kinds?: readonly KindDeclaration[]
  /** Functions of webhooks that a configuration among the objects registers, by the webhook's name. */
  readonly webhooks?: NonNullable<Scenario['webhooks']>
  /** URLs of services that webhooks are registered by: `{ 'NAMESPACE/NAME': 'https://127.0.0.1:9443' }`. Default: none. */
  readonly webhookServices?: Readonly<Record<string, string>>
  /** Where manifest files are. Default: the working directory. */
  readonly directory?: string
  /** What runs on it: built-in controllers by name, or a list with one's own. Default none. */
  readonly controllers?: 'none' | 'workloads' | 'all' | readonly Controller[]
  /** Of the kubeConfig's context. Default: none, which clients take for `default`. */
  readonly namespace?: string
  /** Milliseconds since 1970, for timestamps. Default: the clock. */
  readonly now?: () => number
  /** Told of controllers' errors. Default: they are tried again without a word. */
  readonly onError?: (message: string) => void
}

export interface SimulatedCluster {
  /** Given to `@kubernetes/client-node` where it takes a KubeConfig: API classes, `Watch`, `makeInformer`. */
  // biome-ignore lint/suspicious/noExplicitAny: a KubeConfig of whichever version of client-node the program has
  readonly kubeConfig: any
  /** Kamera's client; it always reads the newest state. */
  readonly client: Client
  /** Forgets the past: watches and lists from an older resourceVersion get 410. */
  compact(): void
  /** Ends watches and controllers. */
  close(): Promise<void>
}

/** Starts a cluster; it is there at once. Throws for manifests that cannot be read or would be refused. */
export function simulatedCluster(options: SimulatedClusterOptions = {}): SimulatedCluster {
  const { crds = [], objects = [], kinds = [], directory = process.cwd(), namespace, now = Date.now } = options
  const name = 'simulatedCluster'
  const scenario = resolveManifests({ type: 'scenario', name, crds, objects, kinds, controllers: [] }, directory, name)
  const { webhooks, webhookServices } = options
  const { live } = openState(
    {
      scenario: webhooks === undefined ? scenario : { ...scenario, webhooks },
      ...(webhookServices === undefined ? {} : { webhookServices }),
    },
    now,
  )
  const front = createHttpFront({ live, now })
  const kubeConfig = new SimulatedKubeConfig({
    answer: async (request) => {
      const answered = await front.answer(request)
      if (answered === undefined) throw new Error(`${request.path} is a watch`)
      const { code, headers, text } = answered
      const joined = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]))
      return { code, headers: joined, text }
    },
    agent: () => inMemoryAgent(front.listener),
    ...(namespace === undefined ? {} : { namespace }),
  })
  const { controllers = 'none', onError } = options
  const running = startControllers(
    live,
    typeof controllers === 'string' ? builtInControllers(controllers) : controllers,
    {
      now,
      kubeConfig,
      onError: (controller, request, error) =>
        onError?.(`controller ${controller}, ${request}: ${(error as Error).message}`),
    },
  )
  return {
    kubeConfig,
    client: createClient((call) => answerAdmitted(live, call, 'kamera'), { cached: false }),
    compact: () => live.compact(),
    close: async () => {
      front.endWatches()
      await running.stop()
    },
  }
}
