/** Hand-made results of a search, for the tests of what prints them. */
import type { PathRecord, PathStep } from '#trace/path.ts'
import type { ExploreReport, ReportFinding } from '#trace/report.ts'

const applied: PathStep = {
  index: 0,
  type: 'user',
  title: 'user applies ZookeeperCluster default/zk',
  causes: [],
  reads: [],
  writes: [
    {
      op: 'create',
      object: 'ZookeeperCluster default/zk',
      outcome: 'committed',
      after: {
        apiVersion: 'zookeeper.pravega.io/v1beta1',
        kind: 'ZookeeperCluster',
        metadata: {
          name: 'zk',
          namespace: 'default',
          uid: 'u1',
          resourceVersion: '4',
          generation: 1,
          labels: { app: 'zk' },
        },
        spec: { replicas: 2, image: { repository: 'pravega/zookeeper', tag: '0.2.14' } },
      },
    },
  ],
  faults: [],
  enqueued: ['zookeeper-operator default/zk'],
}

const reconciled: PathStep = {
  index: 1,
  type: 'reconcile',
  title: 'zookeeper-operator reconciles default/zk',
  process: 'operator',
  controller: 'zookeeper-operator',
  request: { namespace: 'default', name: 'zk' },
  causes: [{ type: 'event', object: 'ZookeeperCluster default/zk', event: 'ADDED', step: 0 }],
  reads: [
    {
      type: { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster' },
      op: 'get',
      cached: true,
      target: 'default/zk',
      answered: [{ name: 'ZookeeperCluster default/zk', resourceVersion: '4' }],
      behind: 0,
    },
    {
      type: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
      op: 'get',
      cached: false,
      target: 'default/zk',
      answered: [],
      behind: 0,
    },
  ],
  writes: [
    {
      op: 'update',
      object: 'ZookeeperCluster default/zk',
      subresource: 'status',
      outcome: 'committed',
      before: {
        apiVersion: 'zookeeper.pravega.io/v1beta1',
        kind: 'ZookeeperCluster',
        metadata: { name: 'zk', namespace: 'default', resourceVersion: '4' },
        spec: { replicas: 2 },
      },
      after: {
        apiVersion: 'zookeeper.pravega.io/v1beta1',
        kind: 'ZookeeperCluster',
        metadata: { name: 'zk', namespace: 'default', resourceVersion: '5' },
        spec: { replicas: 3 },
        status: { conditions: [{ type: 'Ready', status: 'False' }] },
      },
    },
    {
      op: 'create',
      object: 'StatefulSet default/zk',
      outcome: 'failed',
      status: {
        apiVersion: 'v1',
        kind: 'Status',
        metadata: {},
        status: 'Failure',
        reason: 'AlreadyExists',
        message: 'statefulsets.apps "zk" already exists',
        code: 409,
      },
    },
  ],
  faults: [],
  result: { type: 'error', message: 'statefulsets.apps "zk" already exists' },
  enqueued: ['zookeeper-operator default/zk'],
}

const deleted: PathStep = {
  index: 2,
  type: 'reconcile',
  title: 'zookeeper-operator reconciles default/zk',
  process: 'operator',
  controller: 'zookeeper-operator',
  causes: [
    { type: 'retry', step: 1 },
    { type: 'start', object: 'ZookeeperCluster default/zk', step: -1 },
  ],
  reads: [
    {
      type: { apiVersion: 'v1', kind: 'Pod' },
      op: 'list',
      cached: true,
      target: 'default',
      answered: [
        { name: 'Pod default/zk-0', resourceVersion: '7' },
        { name: 'Pod default/zk-1', resourceVersion: '8' },
      ],
      behind: 2,
      truth: [{ name: 'Pod default/zk-0', resourceVersion: '9' }],
    },
  ],
  writes: [
    {
      op: 'delete',
      object: 'PersistentVolumeClaim default/data-zk-1',
      outcome: 'committed',
      before: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data-zk-1', namespace: 'default' },
      },
      after: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: 'data-zk-1',
          namespace: 'default',
          deletionTimestamp: '2024-01-01T00:00:00Z',
          finalizers: ['kubernetes.io/pvc-protection'],
        },
      },
    },
  ],
  faults: [{ fault: 'stale', description: 'process "operator" stops receiving Pod events' }],
  result: { type: 'requeueAfter', afterMs: 5000 },
  enqueued: [],
}

export const pathWithStaleRead: PathRecord = { actions: ['a0', 'a1', 'a2'], steps: [applied, reconciled, deleted] }

export const staleDeletion: ReportFinding = {
  id: 'no-delete-on-stale-evidence-1f3a',
  oracle: 'no-delete-on-stale-evidence',
  message: 'zookeeper-operator deletes PersistentVolumeClaim default/data-zk-1 because its Pod list was out of date',
  profiles: ['lagging', 'legacy-restart'],
  faults: 1,
  steps: 3,
  minimisedFrom: 17,
  minimal: true,
  objects: ['PersistentVolumeClaim default/data-zk-1'],
  controllers: ['zookeeper-operator'],
  path: pathWithStaleRead,
  replay: 'kamera replay .kamera/zookeeper/no-delete-on-stale-evidence-1f3a.json',
  key: 'no-delete-on-stale-evidence PersistentVolumeClaim default/data-zk-1',
  level: { granularity: 'reconcile', profile: 'lagging', faults: 1 },
  explanation: {
    reads: [],
    faults: [],
    remedies: [],
    text: [
      'With the truth of that moment the reconcile would have kept the claim.',
      'Read the Pods from the API server before the deletion.',
    ],
  },
}

function plainStep(index: number, title: string, more: Partial<PathStep> = {}): PathStep {
  return { index, type: 'reconcile', title, causes: [], reads: [], writes: [], faults: [], enqueued: [], ...more }
}

const common = plainStep(0, 'user creates App default/web')
const left = [common, plainStep(1, 'red reconciles default/web'), plainStep(2, 'blue reconciles default/web')]
const right = [common, plainStep(1, 'blue reconciles default/web'), plainStep(2, 'red reconciles default/web')]

export const forkedOutcome: ReportFinding = {
  ...staleDeletion,
  id: 'same-outcome-77',
  oracle: 'same-outcome',
  message: 'two runs rest in different outcomes',
  profiles: ['linearizable', 'lagging'],
  faults: 0,
  minimisedFrom: 3,
  objects: ['App default/web'],
  controllers: ['red', 'blue'],
  path: { actions: ['0', '1', '2'], steps: right },
  explanation: { reads: [], faults: [], remedies: [], text: [] },
  fork: {
    commonSteps: 1,
    left: { actions: ['0', '1', '2'], steps: left },
    right: { actions: ['0', '1', '2'], steps: right },
    differences: [
      { object: 'App default/web', path: 'spec.colour', left: 'blue', right: 'red' },
      { object: 'App default/web', path: 'metadata.labels', left: { a: '1', b: '2' }, right: { a: '1' } },
      { object: 'ConfigMap default/only-red', path: '', left: undefined, right: {} },
    ],
  },
}

export const fight: ReportFinding = {
  ...staleDeletion,
  id: 'comes-to-rest-9',
  oracle: 'comes-to-rest',
  message: 'red and blue write spec.colour of App default/web in turn, for ever',
  faults: 0,
  explanation: { reads: [], faults: [], remedies: [], text: [] },
  path: {
    actions: ['0', '1', '2'],
    cycleStart: 1,
    steps: [
      common,
      plainStep(1, 'red reconciles default/web', { cycleStart: true }),
      plainStep(2, 'blue reconciles default/web'),
    ],
  },
}

export function reportWith(findings: readonly ReportFinding[], changes: Partial<ExploreReport> = {}): ExploreReport {
  return {
    formatVersion: 1,
    scenario: 'zookeeper',
    verdict: findings.length > 0 ? 'violated' : 'holds',
    exhaustive: true,
    bounds: {
      faults: 1,
      lagMax: 8,
      timeMaxMs: 86_400_000,
      handover: 0,
      reduction: ['no-op-absorption'],
      cuts: [],
      statesMax: null,
    },
    levels: [
      {
        profile: 'lagging',
        granularity: 'reconcile',
        faults: 0,
        statesDistinct: 412,
        outcomes: 1,
        findings: 0,
        exhaustive: true,
        elapsedMs: 90,
      },
      {
        profile: 'lagging',
        granularity: 'reconcile',
        faults: 1,
        statesDistinct: 3201,
        outcomes: 2,
        findings: findings.length,
        exhaustive: true,
        elapsedMs: 1250,
      },
    ],
    statistics: {
      statesGenerated: 9001,
      statesDistinct: 3201,
      storesDistinct: 300,
      transitions: 9000,
      reconcilesExecuted: 44,
      reconcilesAnswered: 5000,
      depthMax: 23,
      elapsedMs: 1340,
      statesPerSecond: 2388,
      peakRssBytes: 104_857_600,
      collisionProbability: 2.8e-13,
    },
    outcomes: [
      {
        id: 'o1',
        fingerprint: 'aa',
        objects: ['Pod default/zk-0', 'ZookeeperCluster default/zk'],
        paths: 5,
        first: pathWithStaleRead,
      },
      { id: 'o2', fingerprint: 'bb', objects: [], paths: 'infinite', first: pathWithStaleRead },
    ],
    findings,
    lints: [{ id: 'periodic', message: 'zookeeper-operator runs every 5 s for ever (writes ZookeeperCluster status)' }],
    ...changes,
  }
}
