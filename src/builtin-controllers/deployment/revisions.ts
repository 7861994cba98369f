/**
 * The history of a Deployment: which of its ReplicaSets has the present template, how they are numbered, and which
 * old ones are kept. A template that comes back is a rollback: its old ReplicaSet becomes the new one and gets the
 * next number.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment,
 * kubernetes/pkg/controller/deployment/util/deployment_util.go.
 */
import type { KubernetesObject } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import { type Deployment, podTemplateHashLabel, type ReplicaSet } from '../kinds.ts'
import { areSameTemplate, templateHash } from '../template-hash.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** What a ReplicaSet does not take over from its Deployment. */
const ownAnnotations = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  'deployment.kubernetes.io/revision-history',
  revisionAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
]

export interface Revisions {
  /** The ReplicaSet of the present template; undefined: there is none yet. */
  readonly newSet: ReplicaSet | undefined
  /** All others, oldest first. */
  readonly oldSets: readonly ReplicaSet[]
  /** The number that `newSet` has or gets. */
  readonly number: number
}

/** `sets` are all ReplicaSets of the Deployment. Of several with the present template the oldest counts. */
export function revisionsOf(deployment: Deployment, sets: readonly ReplicaSet[]): Revisions {
  const byAge = [...sets].sort(byCreation)
  const newSet = byAge.find((set) => areSameTemplate(set.spec.template, deployment.spec.template))
  const oldSets = byAge.filter((set) => set !== newSet)
  const next = Math.max(0, ...oldSets.map(revisionOf)) + 1
  return { newSet, oldSets, number: Math.max(next, newSet === undefined ? 0 : revisionOf(newSet)) }
}

/** 0 when the annotation is missing or no number. */
function revisionOf({ metadata }: ReplicaSet): number {
  return Number.parseInt(metadata.annotations?.[revisionAnnotation] ?? '0', 10) || 0
}

function byCreation(left: ReplicaSet, right: ReplicaSet): number {
  return (
    compareText(left.metadata.creationTimestamp ?? '', right.metadata.creationTimestamp ?? '') ||
    compareText(left.metadata.name, right.metadata.name)
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** The annotations of the new ReplicaSet, beside those that it has. */
export function annotationsFor(deployment: Deployment, revision: number): Readonly<Record<string, string>> {
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.includes(key),
  )
  return { ...Object.fromEntries(inherited), [revisionAnnotation]: String(revision) }
}

/** The ReplicaSet of the present template, named after its hash. */
export function newReplicaSet(
  deployment: Deployment,
  replicas: number,
  annotations: Readonly<Record<string, string>>,
): KubernetesObject {
  const { selector, template, minReadySeconds } = deployment.spec
  const { name, namespace } = deployment.metadata
  const hash = templateHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [controllerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [podTemplateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** The old ReplicaSets beyond the history limit, lowest revision first; those with pods are kept. */
export function setsToForget(deployment: Deployment, oldSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const alive = oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return [...alive]
    .sort((left, right) => revisionOf(left) - revisionOf(right))
    .slice(0, Math.max(0, alive.length - limit))
    .filter(
      ({ metadata, spec, status }) =>
        (status?.replicas ?? 0) === 0 &&
        (spec.replicas ?? 1) === 0 &&
        (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
    )
}
