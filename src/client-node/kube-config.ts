/**
 * A `KubeConfig` for `@kubernetes/client-node`, version 1 or 2, that leads to an API server in this process. It has the
 * methods that client-node and programs call; it is no instance of the class, so that none of its copies is loaded.
 */
import type { Agent } from 'node:http'
import { configurationOver, InMemoryRequest } from './http-library.ts'
import type { AnswerRest } from './rest-answer.ts'

export interface KubeConfigOptions {
  /** Answers API classes. */
  readonly answer: AnswerRest
  /** Makes, when first needed, the agent for everything else. */
  readonly agent: () => Agent
  /** Of the current context. Default: none, which clients take for `default`. */
  readonly namespace?: string
}

/** Nothing listens there: it is only a name. `http` needs `skipTLSVerify`. */
const SERVER = 'http://simulated-cluster.kamera'
const NAME = 'kamera'

interface SecurityTarget {
  setAgent?(agent: Agent): void
}

/** What client-node calls a KubeConfig. */
export class SimulatedKubeConfig {
  readonly clusters = [{ name: NAME, server: SERVER, skipTLSVerify: true }]
  readonly users = [{ name: NAME }]
  readonly contexts: { name: string; cluster: string; user: string; namespace?: string }[]
  currentContext = NAME
  readonly #options: KubeConfigOptions
  #agent: Agent | undefined

  constructor(options: KubeConfigOptions) {
    this.#options = options
    const { namespace } = options
    this.contexts = [{ name: NAME, cluster: NAME, user: NAME, ...(namespace === undefined ? {} : { namespace }) }]
  }

  getClusters(): typeof this.clusters {
    return this.clusters
  }
  getUsers(): typeof this.users {
    return this.users
  }
  getContexts(): typeof this.contexts {
    return this.contexts
  }
  getCurrentContext(): string {
    return this.currentContext
  }
  setCurrentContext(context: string): void {
    this.currentContext = context
  }
  getContextObject(name: string): (typeof this.contexts)[number] | null {
    return this.contexts.find((context) => context.name === name) ?? null
  }
  getCluster(name: string): (typeof this.clusters)[number] | null {
    return this.clusters.find((cluster) => cluster.name === name) ?? null
  }
  getUser(name: string): (typeof this.users)[number] | null {
    return this.users.find((user) => user.name === name) ?? null
  }
  getCurrentCluster(): (typeof this.clusters)[number] | null {
    return this.getCluster(this.getContextObject(this.currentContext)?.cluster ?? '')
  }
  getCurrentUser(): (typeof this.users)[number] | null {
    return this.getUser(this.getContextObject(this.currentContext)?.user ?? '')
  }
  getName(): string {
    return 'kubeconfig authentication'
  }

  // Programs load their configuration before they use it: this one is complete.
  loadFromDefault(): void {}
  loadFromFile(): void {}
  loadFromString(): void {}
  loadFromCluster(): void {}
  loadFromOptions(): void {}
  loadFromClusterAndUser(): void {}
  mergeConfig(): void {}

  exportConfig(): string {
    const { clusters, users, contexts, currentContext } = this
    return JSON.stringify({ clusters, users, contexts, 'current-context': currentContext })
  }

  /** An API class of the caller's own copy of client-node. */
  makeApiClient<T>(apiClientType: new (configuration: never) => T): T {
    return new apiClientType(configurationOver(this.#options.answer, SERVER, this) as never)
  }

  createAgent(): Agent {
    this.#agent ??= this.#options.agent()
    return this.#agent
  }

  /** What `makeApiClient` made needs no agent, and none is made for it. */
  async applySecurityAuthentication(request: SecurityTarget): Promise<void> {
    if (!(request instanceof InMemoryRequest)) request.setAgent?.(this.createAgent())
  }

  async applyToHTTPSOptions(options: { agent?: Agent; headers?: Record<string, string> }): Promise<void> {
    options.agent = this.createAgent()
  }

  async applyToFetchOptions(options: { readonly method?: string; readonly headers?: object }): Promise<object> {
    const headers = new Headers((options.headers ?? {}) as Record<string, string>)
    return { agent: this.createAgent(), headers, method: options.method }
  }

  applyOptions(): void {}
}
