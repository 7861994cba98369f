/**
 * The controllers of a real control plane, as ordinary definitions: each by itself, or together as `workloads()`.
 * They have no privilege that a user's controller lacks.
 */
import type { Controller } from '#controller/define-controller.ts'
import { cronJob } from './cronjob/cronjob.ts'
import { daemonSet } from './daemon/daemonset.ts'
import { deployment } from './deployment/deployment.ts'
import { disruption } from './disruption/disruption.ts'
import { endpoints } from './endpoints/endpoints.ts'
import { endpointSlice } from './endpointslice/endpointslice.ts'
import { metricChange } from './environment/metric-change.ts'
import { containerRestart, nodeLoss, nodeRemoval, podFailure } from './environment/pod-events.ts'
import { garbageCollector } from './garbagecollector/garbagecollector.ts'
import { horizontalPodAutoscaler } from './horizontalpodautoscaler/horizontalpodautoscaler.ts'
import { job } from './job/job.ts'
import { namespace } from './namespace/namespace.ts'
import { claimProtection, volumeProtection } from './persistentvolume/volume-protection.ts'
import { volumeProvisioner } from './persistentvolume/volume-provisioner.ts'
import { persistentVolumeBinder } from './persistentvolumeclaim/persistentvolumeclaim.ts'
import { podLifecycle } from './pod-lifecycle/pod-lifecycle.ts'
import type { ReadyAfter } from './pod-lifecycle/readiness.ts'
import { podGarbageCollector } from './podgc/podgc.ts'
import { atOnceProcess } from './processes.ts'
import { replicaSet } from './replicaset/replicaset.ts'
import { statefulSet } from './statefulset/statefulset.ts'
import { ttlAfterFinished } from './ttlafterfinished/ttl-after-finished.ts'

export interface BuiltInOptions {
  /**
   * Whether the controllers run at once, each collapsed into the write that wakes it: no order, no late cache and no
   * fault is searched for them, so the search is as small as if there were none. Default false.
   */
  readonly atOnce?: boolean
  /** How many steps a pod takes from bound to ready (`podLifecycle`). Default 0. */
  readonly readyAfter?: ReadyAfter
}

function readinessOf({ readyAfter }: BuiltInOptions): { readonly readyAfter?: ReadyAfter } {
  return readyAfter === undefined ? {} : { readyAfter }
}

function modeOf(options: BuiltInOptions, controllers: Controller[]): Controller[] {
  return options.atOnce === true ? atOnce(controllers) : controllers
}

function atOnce(controllers: readonly Controller[]): Controller[] {
  return controllers.map((controller) => ({ ...controller, atOnce: true, process: atOnceProcess }))
}

export const builtin = {
  /** What makes workloads run: Deployment, ReplicaSet, StatefulSet, PersistentVolumeClaim binding and the life of pods. */
  workloads: (options: BuiltInOptions = {}): Controller[] =>
    modeOf(options, [
      deployment(),
      replicaSet(),
      statefulSet(),
      persistentVolumeBinder(),
      podLifecycle(readinessOf(options)),
    ]),
  /** Everything that works on workloads and Services; pods have addresses, because endpoints need them. */
  all: (options: BuiltInOptions = {}): Controller[] =>
    modeOf(options, [
      deployment(),
      replicaSet(),
      statefulSet(),
      daemonSet(),
      job(),
      cronJob(),
      ttlAfterFinished(),
      disruption(),
      horizontalPodAutoscaler(),
      endpoints(),
      endpointSlice(),
      persistentVolumeBinder({ volumes: true }),
      volumeProvisioner(),
      claimProtection(),
      volumeProtection(),
      podGarbageCollector(),
      podLifecycle({ addresses: true, nodes: true, volumes: true, ...readinessOf(options) }),
    ]),
  /** The same controllers, each collapsed into the write that wakes it. */
  atOnce,
  /** Owner references, foreground and orphan deletion. A scenario has it unless `garbageCollection` is false. */
  garbageCollector,
  /** Deletion of a Namespace's content. A scenario has it unless `garbageCollection` is false. */
  namespace,
  deployment,
  replicaset: replicaSet,
  statefulset: statefulSet,
  daemonset: daemonSet,
  job,
  cronjob: cronJob,
  ttlAfterFinished,
  disruption,
  horizontalpodautoscaler: horizontalPodAutoscaler,
  endpoints,
  endpointslice: endpointSlice,
  persistentVolumeBinder,
  volumeProvisioner,
  pvcProtection: claimProtection,
  pvProtection: volumeProtection,
  podgc: podGarbageCollector,
  podLifecycle,
  /** For `environment`: a pod is evicted, its containers crash, a node is lost with its pods, a Node object is removed, load changes. */
  podFailure,
  containerRestart,
  nodeLoss,
  nodeRemoval,
  metricChange,
}
