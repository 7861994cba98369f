/**
 * The seam for controllers of any other shape than a reconciler with a client: prepare it with a view, run it, collect
 * its writes. To the search it is an ordinary controller that lists what it depends on and then writes what was recorded.
 */
import type { KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import type { Client, DeleteOptions, ObjectReference } from '#controller/client.ts'
import type { ReconcileRequest, ReconcileResult, Reconciler } from '#controller/controller.ts'

/** The objects of the kinds that a strategy depends on, as its process's caches show them. They are frozen. */
export interface StrategyView {
  readonly objects: readonly KubernetesObject[]
  get(type: TypeReference, key: NamespacedName): KubernetesObject | undefined
  list(type: TypeReference, options?: { readonly namespace?: string }): readonly KubernetesObject[]
}

/** One is made for each reconcile, so it remembers nothing from the one before. */
export interface Strategy {
  /** Called first, with what the caches show now. */
  prepare(view: StrategyView): void | Promise<void>
  /** What it records with its recorder is written when it returns or throws, in order. */
  // biome-ignore lint/suspicious/noConfusingVoidType: strategies without a result return nothing
  run(request: ReconcileRequest): Promise<ReconcileResult | void>
}

/** Where a strategy says what it writes. The first write that the API server refuses fails the reconcile. */
export interface EffectRecorder {
  create(object: KubernetesObject): void
  update(object: KubernetesObject): void
  updateStatus(object: KubernetesObject): void
  patch(object: ObjectReference, patch: unknown, options: { readonly patchType: 'json' | 'merge' | 'strategic' }): void
  delete(object: ObjectReference, options?: DeleteOptions): void
}

export type StrategyFactory = (recorder: EffectRecorder) => Strategy

/** The reconciler that runs a strategy which depends on `types`. */
export function strategyReconciler(
  client: Client,
  types: readonly TypeReference[],
  create: StrategyFactory,
): Reconciler {
  return {
    async reconcile(request) {
      const writes: ((client: Client) => Promise<unknown>)[] = []
      const strategy = create({
        create: (object) => void writes.push((to) => to.create(object)),
        update: (object) => void writes.push((to) => to.update(object)),
        updateStatus: (object) => void writes.push((to) => to.status().update(object)),
        patch: (object, patch, options) => void writes.push((to) => to.patch(object, patch, options)),
        delete: (object, options) => void writes.push((to) => to.delete(object, options)),
      })
      const objects: KubernetesObject[] = []
      for (const type of types) objects.push(...(await client.list<KubernetesObject>(type)))
      try {
        await strategy.prepare(viewOf(objects))
        return await strategy.run(request)
      } finally {
        // As with a client: what was written before an error stays written.
        for (const write of writes) await write(client)
      }
    },
  }
}

function viewOf(objects: readonly KubernetesObject[]): StrategyView {
  const ofType = (type: TypeReference): readonly KubernetesObject[] =>
    objects.filter(({ apiVersion, kind }) => apiVersion === type.apiVersion && kind === type.kind)
  return {
    objects,
    get: (type, key) =>
      ofType(type).find(
        ({ metadata }) => metadata.name === key.name && (metadata.namespace ?? '') === (key.namespace ?? ''),
      ),
    list: (type, { namespace } = {}) =>
      ofType(type).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
  }
}
