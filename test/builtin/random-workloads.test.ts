/**
 * For random workloads, changed at random moments, the controllers come to rest; then every object is owned, counted and
 * ready as the documentation says.
 * https://kubernetes.io/docs/concepts/workloads/controllers/
 */
import fc from 'fast-check'
import { test } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import { builtin } from '#builtin-controllers/builtin.ts'
import { startTestCluster, type TestCluster } from '#builtin-controllers/test-support.ts'

type Kind = 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job'
const kinds: readonly Kind[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']
const nodes = ['a', 'b']

interface Workload {
  readonly kind: Kind
  readonly replicas: number
  readonly parallel: boolean
}

/** What a user does to workload number `at`, after `steps` reconciles. */
interface Change {
  readonly at: number
  readonly steps: number
  readonly what: 'scale' | 'image' | 'delete'
  readonly replicas: number
}

const workloads = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), replicas: fc.nat(3), parallel: fc.boolean() }),
  { minLength: 1, maxLength: 3 },
)
const changes = fc.array(
  fc.record({
    at: fc.nat(2),
    steps: fc.nat(12),
    what: fc.constantFrom('scale' as const, 'image' as const, 'delete' as const),
    replicas: fc.nat(3),
  }),
  { maxLength: 4 },
)

test('random workloads come to rest as documented', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(workloads, changes, async (made, changed) => {
      const cluster = await startTestCluster({
        objects: [...nodes.map(nodeNamed), ...made.map(objectOf)],
        controllers: [...builtin.all(), builtin.garbageCollector()],
      })
      for (const change of changed) {
        for (let step = 0; step < change.steps; step++) await cluster.step()
        await carryOut(cluster, made, change)
      }
      await cluster.settle()
      check(cluster, made)
    }),
    { numRuns: 100, seed: 7 },
  )
})

function nodeNamed(name: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

function nameOf(index: number): string {
  return `workload-${index}`
}

function objectOf({ kind, replicas, parallel }: Workload, index: number): object {
  const name = nameOf(index)
  const labels = { app: name }
  const containers = [{ name: 'main', image: 'main:1' }]
  const selector = { matchLabels: labels }
  const metadata = { namespace: 'default', name }
  const template = { metadata: { labels }, spec: { containers } }
  switch (kind) {
    case 'Job':
      return {
        apiVersion: 'batch/v1',
        kind,
        metadata,
        spec: {
          completions: replicas,
          parallelism: parallel ? 2 : 1,
          template: { spec: { restartPolicy: 'Never', containers } },
        },
      }
    case 'DaemonSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector, template } }
    case 'StatefulSet': {
      const podManagementPolicy = parallel ? 'Parallel' : 'OrderedReady'
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, selector, template, podManagementPolicy } }
    }
    case 'Deployment': {
      const strategy = { type: parallel ? 'RollingUpdate' : 'Recreate' }
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, selector, template, strategy } }
    }
    case 'ReplicaSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, selector, template } }
  }
}

async function carryOut(
  cluster: TestCluster,
  made: readonly Workload[],
  { at, what, replicas }: Change,
): Promise<void> {
  const workload = made[at]
  if (workload === undefined) return
  const { kind } = workload
  const name = nameOf(at)
  if (cluster.get(kind, name) === undefined) return
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1'
  const target = { type: { apiVersion, kind }, key: { namespace: 'default', name } }
  if (what === 'delete') return cluster.user.delete(target, { propagationPolicy: 'Background' })
  if (kind === 'Job' || (what === 'scale' && kind === 'DaemonSet')) return
  const containers = [{ name: 'main', image: `main:${2 + replicas}` }]
  const spec = what === 'scale' ? { replicas } : { template: { spec: { containers } } }
  await cluster.user.patch(target, { spec }, { patchType: 'merge' })
}

function check(cluster: TestCluster, made: readonly Workload[]): void {
  const objects = cluster
    .objects()
    .map((text) => cluster.get(text.split(' ')[0] as string, text.split('/').at(-1) as string))
    .filter((object) => object !== undefined)
  const byUid = new Map(objects.map((object) => [object.metadata.uid, object]))
  for (const object of objects) {
    expect(object.metadata.deletionTimestamp === undefined, `${nameText(object)} is not left half deleted`)
    for (const { uid } of object.metadata.ownerReferences ?? [])
      expect(byUid.has(uid), `the owner of ${nameText(object)} is there`)
  }
  for (const pod of objects.filter(({ kind }) => kind === 'Pod'))
    expect(pod.metadata.ownerReferences?.length === 1, `${nameText(pod)} has one owner`)
  made.forEach((workload, index) => {
    const object = cluster.get(workload.kind, nameOf(index))
    if (object !== undefined) checkWorkload(object, objects)
  })
}

function checkWorkload(object: KubernetesObject, objects: readonly KubernetesObject[]): void {
  const { spec = {}, status = {} } = object as unknown as { spec: Fields; status: Fields }
  const owned = (owner: KubernetesObject): readonly KubernetesObject[] =>
    objects.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid))
  const what = nameText(object)
  if (object.kind === 'Job') {
    const completions = spec['completions'] as number
    const succeeded = owned(object).filter((pod) => pod['status']?.phase === 'Succeeded').length
    expect(succeeded === completions, `${what} has ${completions} pods that succeeded, not ${succeeded}`)
    expect((status['succeeded'] ?? 0) === completions, `${what} counts them`)
    const ends = (status['conditions'] ?? []) as readonly { readonly type: string }[]
    expect(
      ends.some(({ type }) => type === 'Complete'),
      `${what} is complete`,
    )
    return
  }
  const sets = object.kind === 'Deployment' ? owned(object) : [object]
  const pods = sets.flatMap(owned).filter(({ kind }) => kind === 'Pod')
  const image = (pod: KubernetesObject): string => pod['spec'].containers[0].image
  const wanted = object.kind === 'DaemonSet' ? nodes.length : (spec['replicas'] as number)
  const ready = object.kind === 'DaemonSet' ? status['numberReady'] : status['readyReplicas']
  expect(pods.length === wanted, `${what} has ${wanted} pods, not ${pods.length}`)
  expect(pods.every(isReady), `the pods of ${what} are ready`)
  expect((ready ?? 0) === wanted, `${what} counts ${wanted} pods as ready, not ${ready}`)
  expect(status['observedGeneration'] === object.metadata.generation, `the status of ${what} is current`)
  // A ReplicaSet leaves pods that it has as they are.
  if (object.kind !== 'ReplicaSet') {
    const template = spec['template'] as { readonly spec: { readonly containers: readonly { image: string }[] } }
    expect(
      pods.every((pod) => image(pod) === template.spec.containers[0]?.image),
      `the pods of ${what} are of its template`,
    )
  }
}

type Fields = Readonly<Record<string, unknown>>

function isReady(pod: KubernetesObject): boolean {
  const conditions = (pod['status']?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[]
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function nameText({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`
}

function expect(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`it is not so that ${sentence}`)
}
