/**
 * Namespace deletion: deletes everything in a Namespace that is being deleted, then takes the finalizer `kubernetes`
 * from its spec, so that it goes. Reads from the API server only.
 *
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ and
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/ (spec.finalizers, finalize).
 * Left out: the conditions that report what is still in the way, and the order of kinds (everything goes at once).
 */
import type { Client, Reader } from '#controller/client.ts'
import type { MapFunction, Predicate, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { everyKind, type NamespaceObject, namespaceType, type StoredObject } from '../kinds.ts'
import { garbageCollectionProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'

const kubernetesFinalizer = 'kubernetes'

export function namespace(): Controller {
  return defineController({
    name: 'namespace',
    process: garbageCollectionProcess,
    for: { ...namespaceType, predicate: startsDeletion },
    watches: [{ ...everyKind, predicate: leavesNamespace, requests: emptiedNamespace }],
    reconciler: ({ client, apiReader }) => new NamespaceDeletion(client, apiReader),
  })
}

/** From then on only the removal of content can change what is to be done; that is watched below. */
const startsDeletion: Predicate = ({ type, object, old }) =>
  type !== 'DELETED' && object.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined

const leavesNamespace: Predicate = ({ type, object }) => type === 'DELETED' && object.metadata.namespace !== undefined

/** A Namespace in deletion whose last object this was. */
const emptiedNamespace: MapFunction = async (object, { live }) => {
  const name = object.metadata.namespace as string
  const owner = await live.tryGet<NamespaceObject>(namespaceType, { name })
  if (owner?.metadata.deletionTimestamp === undefined) return []
  const content = await live.list(everyKind, { namespace: name })
  return content.length === 0 ? [{ name }] : []
}

class NamespaceDeletion implements Reconciler {
  private readonly client: Client
  private readonly live: Reader

  constructor(client: Client, live: Reader) {
    this.client = client
    this.live = live
  }

  async reconcile({ name }: ReconcileRequest): Promise<void> {
    const deleted = await this.live.tryGet<NamespaceObject>(namespaceType, { name })
    if (deleted?.metadata.deletionTimestamp === undefined) return
    const content = await this.live.list<StoredObject>(everyKind, { namespace: name })
    if (content.length === 0) return this.finalize(deleted)
    for (const object of content) {
      if (object.metadata.deletionTimestamp === undefined) await this.delete(object)
    }
  }

  private async finalize(deleted: NamespaceObject): Promise<void> {
    const finalizers = deleted.spec?.finalizers ?? []
    if (!finalizers.includes(kubernetesFinalizer)) return
    const remaining = finalizers.filter((finalizer) => finalizer !== kubernetesFinalizer)
    await this.client.subResource('finalize').update({ ...deleted, spec: { ...deleted.spec, finalizers: remaining } })
  }

  private async delete(object: StoredObject): Promise<void> {
    await unlessGone(
      this.client.delete(object, { preconditions: { uid: object.metadata.uid }, propagationPolicy: 'Background' }),
    )
  }
}
