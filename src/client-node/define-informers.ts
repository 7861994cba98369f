/**
 * Programs that are written with client-node's informers (`makeInformer(…).on('add', …)`), unchanged: each event that
 * reaches an informer is a unit of work, as for `defineHandlers`. Decision 0102 says how.
 */
import type { TypeReference } from '#api/object.ts'
import type { EventSource, ReconcilerTools, WatchEventType } from '#controller/controller.ts'
import type { Controller } from '#controller/define-controller.ts'
import { openInformerSession } from './informer-session.ts'
import { runServerOf } from './run-kube-config.ts'

export interface InformersDefinition {
  readonly name: string
  /** The kinds that the program's informers watch. */
  readonly watches: readonly TypeReference[]
  /**
   * Makes and starts the program's informers, with the `kubeConfig` that it would load. It is called anew for every
   * event: what it keeps in memory lasts for one event. Before the informers have listed it may read, but not write.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a KubeConfig of whichever version of client-node the program has
  readonly start: (tools: { readonly kubeConfig: any }) => unknown
  /** As for controllers: what runs in one process shares its informer caches and crashes together. */
  readonly process?: string
  /** Whether the program survives what its callbacks throw. Default false; see `defineHandlers`. */
  readonly survivesErrors?: boolean
  /** Random numbers are meant: their use is not a finding. Default false. */
  readonly allowRandom?: boolean
}

const EVENTS: readonly WatchEventType[] = ['ADDED', 'MODIFIED', 'DELETED']
const FIELDS: readonly string[] = ['name', 'watches', 'start', 'process', 'survivesErrors', 'allowRandom']

/**
 * Checks the definition and makes a controller of it, to be listed among a scenario's `controllers`.
 * @throws Error that names the field, says what is expected and what came.
 */
export function defineInformers(definition: InformersDefinition): Controller {
  check(definition)
  const { name, watches, process, survivesErrors = false, allowRandom } = definition
  return {
    type: 'controller',
    name,
    ...(process === undefined ? {} : { process }),
    ...(allowRandom === undefined ? {} : { allowRandom }),
    maxConcurrentReconciles: Number.MAX_SAFE_INTEGER,
    handles: watches.map(({ apiVersion, kind }) => ({ apiVersion, kind, events: EVENTS })),
    survivesErrors,
    reconciler: (tools) => ({
      async reconcile() {
        await passEvent(definition, tools as ReconcilerTools & EventSource)
      },
    }),
  }
}

/** Starts the informers as they were before the event, and lets them have it. */
async function passEvent(definition: InformersDefinition, tools: ReconcilerTools & EventSource): Promise<void> {
  const event = await tools.event()
  const server = runServerOf(tools.kubeConfig as object)
  if (server === undefined) throw new Error(`informers ${definition.name} run under explore and simulate only`)
  const session = openInformerSession(server, definition.watches, event)
  // What it rejects with ends the process, as an unhandled rejection does.
  void definition.start({ kubeConfig: session.kubeConfig })
  await session.quiet()
  const request = session.waitsFor()
  if (request !== undefined)
    throw new Error(
      `informers ${definition.name}: start waits for ${request}, which is not answered before an informer watches. Only lists of the kinds in watches are, and reads before the first of them; move other requests into callbacks.`,
    )
  session.deliver()
  await session.quiet()
}

function check(definition: InformersDefinition): void {
  if (typeof definition !== 'object' || definition === null)
    throw new Error(
      'defineInformers takes an object. Write defineInformers({ name, watches: [{ apiVersion, kind }], start: ({ kubeConfig }) => … }).',
    )
  const { name, watches, start } = definition
  if (typeof name !== 'string' || !/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name))
    throw new Error(
      `defineInformers: name is ${JSON.stringify(name)}. Reports need a name of letters, digits, '-', '_' and '.': write name: 'my-operator'.`,
    )
  const unknown = Object.keys(definition).find((field) => !FIELDS.includes(field))
  if (unknown !== undefined)
    throw new Error(
      `informers ${name}: there is no field ${unknown}, so it would have no effect. Fields are ${FIELDS.join(', ')}.`,
    )
  const isKind = (entry: TypeReference | undefined): boolean =>
    typeof entry?.apiVersion === 'string' && typeof entry.kind === 'string' && entry.kind !== '' && entry.kind !== '*'
  if (!Array.isArray(watches) || watches.length === 0 || !watches.every(isKind))
    throw new Error(
      `informers ${name}: watches must name the kinds of its informers. Write watches: [{ apiVersion: 'v1', kind: 'ConfigMap' }].`,
    )
  if (typeof start !== 'function')
    throw new Error(`informers ${name}: start is no function that makes and starts the informers.`)
}
