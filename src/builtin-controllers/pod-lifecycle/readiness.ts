/**
 * The way of a pod's containers from bound to ready, in as many steps as a scenario wants to tell apart. Each step is
 * what a kubelet reports at some moment, and a write of its own.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states and
 * https://kubernetes.io/docs/concepts/workloads/pods/probes/.
 */
import type { Condition, Pod } from '../kinds.ts'

/**
 * How many steps lie before readiness: 0, ready at once; 1, running, and its readiness probe has not succeeded yet;
 * 2, before that, running and its startup probe has not succeeded yet; 3, before that, its containers are being created.
 */
export type ReadyAfter = 0 | 1 | 2 | 3

interface Stage {
  readonly phase: 'Pending' | 'Running'
  readonly ready: boolean
  readonly started: boolean
  readonly state: object
}

const creating: Stage = {
  phase: 'Pending',
  ready: false,
  started: false,
  state: { waiting: { reason: 'ContainerCreating' } },
}
const running: Stage = { phase: 'Running', ready: false, started: false, state: { running: {} } }
const started: Stage = { phase: 'Running', ready: false, started: true, state: { running: {} } }
const ready: Stage = { phase: 'Running', ready: true, started: true, state: { running: {} } }
const stages = [ready, started, running, creating]

/** The stage that a pod is to reach next; undefined: it is ready, or no kubelet brings it further. */
export function nextStage(pod: Pod, readyAfter: ReadyAfter): Stage | undefined {
  const { phase = 'Pending', containerStatuses = [] } = pod.status ?? {}
  if (phase === 'Pending') return stages[containerStatuses.length === 0 ? readyAfter : Math.min(readyAfter, 2)]
  if (phase !== 'Running') return undefined
  // Containers that have crashed are started again, whatever the policy says of those that have ended.
  if (containerStatuses.some(({ state }) => state?.waiting)) return stages[Math.min(readyAfter, 2)]
  if (readyAfter === 0 || containerStatuses.every((status) => status.ready)) return undefined
  return containerStatuses.every((status) => status.started === true) ? ready : started
}

export function conditionsAt({ ready: isReady }: Stage): readonly Condition[] {
  return ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) =>
    isReady || type === 'Initialized' || type === 'PodScheduled'
      ? { type, status: 'True' }
      : { type, status: 'False', reason: 'ContainersNotReady' },
  )
}
