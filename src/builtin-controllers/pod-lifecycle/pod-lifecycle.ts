/**
 * What the scheduler and the kubelet do for a pod, in as few writes as can be told apart: bind it to the one node,
 * report it running and ready, and confirm its termination. Containers start at once and never fail by themselves
 * (`environment/pod-events.ts` has what makes them), and are started again then; those of a pod that is not always
 * restarted are done with their work and succeed.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 * Left out: init containers one by one, probes, times.
 */
import { equalJson } from '#api/equal.ts'
import type { Client } from '#controller/client.ts'
import type { MapFunction, ObjectEvent, Predicate, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Condition, type Pod, persistentVolumeClaimType, podType } from '../kinds.ts'
import { mayBeScheduled } from '../node/node-fit.ts'
import { type NodeObject, nodeType } from '../node/node-kind.ts'
import { type Claim, claimNamesOf, classOf, selectedNode, waitsForConsumer } from '../persistentvolume/volume-kinds.ts'
import { hasEnded } from '../pod-state.ts'
import { nodeProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { podAddress } from './pod-address.ts'
import { conditionsAt, nextStage, type ReadyAfter } from './readiness.ts'

const nodeName = 'node'
const readyConditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled']

export interface PodLifecycleOptions {
  /**
   * Whether running pods have an address (`status.podIP`), as endpoints need it. Default false: the addresses of pods
   * with generated names would tell states and outcomes apart that are the same but for these names.
   */
  readonly addresses?: boolean
  /**
   * Whether pods are bound to Node objects: each to the first, by name, that its selector, affinity and tolerations
   * allow; it waits while there is none. Without any Node object, and by default, there is one node with room for all.
   */
  readonly nodes?: boolean
  /**
   * Whether a pod waits until the claims that it mounts are bound, and says to those that wait for their first consumer
   * which node it is to have. Default false.
   */
  readonly volumes?: boolean
  /**
   * How many steps, each a write of its own, a pod that is bound takes before it is ready: 0 (default) none; 1 running,
   * without readiness; 2 before that running, not started up; 3 before that with its containers being created.
   */
  readonly readyAfter?: ReadyAfter
}

export function podLifecycle(options: PodLifecycleOptions = {}): Controller {
  const { addresses = false, nodes = false, volumes = false, readyAfter = 0 } = options
  if (![0, 1, 2, 3].includes(readyAfter)) throw new RangeError(`readyAfter is 0, 1, 2 or 3 steps, not ${readyAfter}`)
  const isForUs = ({ type, object }: ObjectEvent): boolean =>
    type !== 'DELETED' && nextStep(object as Pod, readyAfter) !== 'none'
  return defineController({
    name: 'pod-lifecycle',
    process: nodeProcess,
    for: { ...podType, predicate: isForUs },
    watches: [
      ...(nodes ? [{ ...nodeType, predicate: mayTakePods, requests: unboundPods }] : []),
      ...(volumes ? [{ ...persistentVolumeClaimType, predicate: isBound, requests: podsOfClaim }] : []),
    ],
    reconciler: ({ client }) => new PodLifecycle(client, { addresses, nodes, volumes, readyAfter }),
  })
}

/** Of a node that it is there, and what keeps pods away from it. */
const mayTakePods: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return type === 'ADDED'
  return !equalJson(object.metadata.labels, old.metadata.labels) || !equalJson(object['spec'], old['spec'])
}

const unboundPods: MapFunction = async (_node, { cached }) => {
  const pods = await cached.list<Pod>(podType)
  return pods.filter((pod) => isUnbound(pod)).map(({ metadata: { namespace = '', name } }) => ({ namespace, name }))
}

const isBound: Predicate = ({ type, object }) => type !== 'DELETED' && object['status']?.phase === 'Bound'

const podsOfClaim: MapFunction = async ({ metadata: { namespace = '', name = '' } }, { cached }) => {
  const pods = await cached.list<Pod>(podType, { namespace })
  return pods
    .filter((pod) => isUnbound(pod) && claimNamesOf(pod).includes(name))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}

/** How the containers of a pod have ended. */
interface PodEnd {
  readonly phase: 'Succeeded' | 'Failed'
  readonly reason: string
  readonly terminated: { readonly exitCode: number; readonly reason: string }
}

class PodLifecycle implements Reconciler {
  private readonly client: Client
  private readonly options: Required<PodLifecycleOptions>

  constructor(client: Client, options: Required<PodLifecycleOptions>) {
    this.client = client
    this.options = options
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const pod = await this.client.tryGet<Pod>(podType, request)
    if (pod === undefined) return
    switch (nextStep(pod, this.options.readyAfter)) {
      case 'bind':
        if (await this.bind(pod)) await this.run(pod)
        break
      case 'run':
        await this.run(pod)
        break
      case 'complete':
        await this.complete(pod)
        break
      case 'remove':
        await unlessGone(this.remove(pod))
        break
      case 'none':
        break
    }
  }

  /**
   * The scheduler's part. A pod that another binding reached first answers 409, and is looked at again. False: no node
   * is fit for it.
   */
  private async bind(pod: Pod): Promise<boolean> {
    const { name, namespace, uid } = pod.metadata
    const chosen = await this.nodeFor(pod)
    if (chosen === undefined || !(await this.hasVolumes(pod, chosen))) return false
    await this.client.subResource('binding').create(pod, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: chosen },
    })
    return true
  }

  private async nodeFor(pod: Pod): Promise<string | undefined> {
    if (!this.options.nodes) return nodeName
    const nodes = await this.client.list<NodeObject>(nodeType)
    if (nodes.length === 0) return nodeName
    const names = nodes.filter((node) => mayBeScheduled(pod.spec, node)).map(({ metadata }) => metadata.name)
    return names.sort()[0]
  }

  /** Whether all claims of a pod are bound. To those that wait for a consumer it says where that will be. */
  private async hasVolumes(pod: Pod, node: string): Promise<boolean> {
    if (!this.options.volumes) return true
    let areBound = true
    for (const name of claimNamesOf(pod)) {
      const key = { namespace: pod.metadata.namespace ?? '', name }
      const claim = await this.client.tryGet<Claim>(persistentVolumeClaimType, key)
      const isUsable = claim !== undefined && claim.metadata.deletionTimestamp === undefined
      if (isUsable && claim.status?.phase === 'Bound') continue
      areBound = false
      if (!isUsable || claim.metadata.annotations?.[selectedNode] !== undefined) continue
      if (!waitsForConsumer(await classOf(claim, this.client))) continue
      const annotations = { ...claim.metadata.annotations, [selectedNode]: node }
      await this.client.update({ ...claim, metadata: { ...claim.metadata, annotations } })
    }
    return areBound
  }

  /** The kubelet's part. The uid makes sure that the status goes to this pod, not to its successor of the same name. */
  private async run(pod: Pod): Promise<void> {
    const stage = nextStage(pod, this.options.readyAfter)
    if (stage === undefined) return
    const { phase, ready, started, state } = stage
    const address = this.options.addresses && phase === 'Running' ? podAddress(pod) : undefined
    await this.report(pod, {
      phase,
      conditions: conditionsAt(stage),
      containerStatuses: containerStatuses(pod, { ready, started }, state),
      ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    })
  }

  /** All containers have ended with exit code 0. */
  private complete(pod: Pod): Promise<void> {
    return this.end(pod, {
      phase: 'Succeeded',
      reason: 'PodCompleted',
      terminated: { exitCode: 0, reason: 'Completed' },
    })
  }

  /** Containers that were told to stop did not get to the end of their work. */
  private stop(pod: Pod): Promise<void> {
    return this.end(pod, { phase: 'Failed', reason: 'PodFailed', terminated: { exitCode: 143, reason: 'Error' } })
  }

  private async end(pod: Pod, { phase, reason, terminated }: PodEnd): Promise<void> {
    const conditions: readonly Condition[] = readyConditions.map((type) =>
      type === 'Ready' || type === 'ContainersReady' ? { type, status: 'False', reason } : { type, status: 'True' },
    )
    await this.report(pod, {
      phase,
      conditions,
      containerStatuses: containerStatuses(pod, { ready: false, started: false }, { terminated }),
    })
  }

  private async report(pod: Pod, status: object): Promise<void> {
    await this.client.status().patch(pod, { metadata: { uid: pod.metadata.uid }, status }, { patchType: 'merge' })
  }

  /**
   * The containers have stopped: the kubelet deletes the pod once more, without a grace period, and it goes. It reports
   * before that how the pod has ended, which is told here only of pods that stay, for a finalizer: of others it is seen
   * for a moment.
   */
  private async remove(pod: Pod): Promise<void> {
    if (pod.metadata.finalizers !== undefined && pod.spec.nodeName !== undefined && !hasEnded(pod)) await this.stop(pod)
    await this.client.delete(pod, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })
  }
}

function containerStatuses(
  { spec, status }: Pod,
  flags: { readonly ready: boolean; readonly started: boolean },
  state: object,
): readonly object[] {
  const restarts = new Map(status?.containerStatuses?.map(({ name, restartCount }) => [name, restartCount]))
  return (spec.containers ?? []).map(({ name, image = '' }) => ({
    name,
    image,
    ...flags,
    restartCount: restarts.get(name) ?? 0,
    state,
  }))
}

function isUnbound(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && pod.spec.nodeName === undefined
}

function nextStep(pod: Pod, readyAfter: ReadyAfter): 'bind' | 'run' | 'complete' | 'remove' | 'none' {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  // With a grace period of 0 the kubelet is done already; what keeps the pod is a finalizer.
  if (deletionTimestamp !== undefined) return deletionGracePeriodSeconds === 0 ? 'none' : 'remove'
  if (isUnbound(pod)) return 'bind'
  if (nextStage(pod, readyAfter) !== undefined) return 'run'
  const isDone = pod.spec.restartPolicy === 'Never' || pod.spec.restartPolicy === 'OnFailure'
  return pod.status?.phase === 'Running' && isDone ? 'complete' : 'none'
}
