/**
 * The history of a StatefulSet's pod template: one ControllerRevision for each template it had. The newest is what pods
 * are updated to; the one in the set's status is what pods below the partition come back as.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#revision-history and
 * kubernetes/pkg/controller/history/controller_history.go. Left out: adoption of revisions without an owner, and names
 * that collide though the templates differ.
 */
import { equalJson } from '#api/equal.ts'
import { controllerOf, controllerReferenceTo } from '#api/owner-reference.ts'
import { ApiError } from '#api/status.ts'
import type { ReconcilerTools } from '#controller/controller.ts'
import { type ControllerRevision, controllerRevisionType, type Pod, type StatefulSet } from '../kinds.ts'
import { templateHash } from '../template-hash.ts'
import { revisionLabel } from './pod-identity.ts'

const hashLabel = 'controller.kubernetes.io/hash'

export interface Revisions {
  /** All of the set, the oldest first. */
  readonly all: readonly ControllerRevision[]
  /** What pods below the partition have. */
  readonly current: ControllerRevision
  /** The template as it is now. */
  readonly update: ControllerRevision
}

/** Reads the set's revisions, and writes down its template where the newest is another. */
export async function revisionsOf(set: StatefulSet, tools: ReconcilerTools): Promise<Revisions> {
  const { namespace = '', uid } = set.metadata
  const matching = await tools.client.list<ControllerRevision>(controllerRevisionType, {
    namespace,
    labelSelector: set.spec.selector ?? '',
  })
  const known = matching.filter((each) => (controllerOf(each)?.uid ?? uid) === uid).sort(byRevision)
  const update = await updateRevision(set, known, tools)
  const current = known.find(({ metadata }) => metadata.name === set.status?.currentRevision)
  return { all: known, current: current ?? update, update }
}

/** The template that a revision wrote down. */
export function templateOf(revision: ControllerRevision): StatefulSet['spec']['template'] {
  const { $patch: _, ...template } = revision.data.spec.template
  return template
}

/** What nobody uses any more, above the limit, the oldest first. */
export function surplusRevisions(
  set: StatefulSet,
  { all, current, update }: Revisions,
  pods: readonly Pod[],
): readonly ControllerRevision[] {
  const live = new Set([current.metadata.name, update.metadata.name])
  for (const { metadata } of pods) live.add(metadata.labels?.[revisionLabel] ?? '')
  const history = all.filter(({ metadata }) => !live.has(metadata.name))
  return history.slice(0, Math.max(0, history.length - (set.spec.revisionHistoryLimit ?? 10)))
}

/** The revision of the set's template: the newest, an old one that counts on, or a new one. */
async function updateRevision(
  set: StatefulSet,
  known: readonly ControllerRevision[],
  { client, apiReader }: ReconcilerTools,
): Promise<ControllerRevision> {
  const newest = known.at(-1)
  const wanted = newRevision(set, (newest?.revision ?? 0) + 1)
  const same = known.filter(({ data }) => equalJson(data, wanted.data)).at(-1)
  if (same !== undefined && newest !== undefined && equalJson(newest.data, same.data)) return newest
  if (same !== undefined) return client.update<ControllerRevision>({ ...same, revision: wanted.revision })
  try {
    return await client.create<ControllerRevision>(wanted)
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error
    // The cache did not show it yet: the name is the template's.
    return apiReader.get<ControllerRevision>(controllerRevisionType, wanted.metadata)
  }
}

function newRevision(set: StatefulSet, revision: number): ControllerRevision {
  const { namespace, name, annotations } = set.metadata
  const { template } = set.spec
  const hash = templateHash(template)
  const metadata = {
    name: `${name}-${hash}`,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...template.metadata?.labels, [hashLabel]: hash },
    ...(annotations === undefined ? {} : { annotations }),
    ownerReferences: [controllerReferenceTo(set)],
  }
  const data = { spec: { template: { ...template, $patch: 'replace' } } }
  // The API server gives the uid.
  return { ...controllerRevisionType, metadata, data, revision } as unknown as ControllerRevision
}

function byRevision(left: ControllerRevision, right: ControllerRevision): number {
  return left.revision - right.revision || (left.metadata.name < right.metadata.name ? -1 : 1)
}
