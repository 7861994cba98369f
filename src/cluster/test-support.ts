/** A small cluster without controllers, for the tests of what the explorer does with states. */
import type { KubernetesObject } from '#api/object.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { Host, WriteCall } from '#controller/host.ts'
import { createCluster, initialParts } from './cluster.ts'
import { fingerprint, print, storeFingerprint } from './fingerprint.ts'
import { operationOf } from './operation.ts'
import { defineScenario } from './scenario.ts'
import { type Cluster, kindOf, type Slot, slotOf } from './tables.ts'
import type { WriteEffect, WriteOperation } from './trie.ts'
import { createWorld, ensureCapacity, loadState, trimmedLength, truthOf, type World } from './world.ts'
import { commitWrite } from './write.ts'

export const appType = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }

export function app(name: string, fields: object = {}): KubernetesObject {
  return { ...appType, metadata: { namespace: 'default', name }, ...fields } as KubernetesObject
}

const noHost: Host = {
  run: () => Promise.reject(new Error('these tests run no controller')),
  close: async () => {},
}

export function clusterOf(objects: readonly KubernetesObject[], controllers: readonly Controller[] = []): Cluster {
  const kinds = [{ ...appType, statusSubresource: true }]
  const scenario = defineScenario({ name: 'test', kinds, objects, controllers, garbageCollection: false })
  return createCluster(scenario, { host: noHost, controllers, liveProcesses: [], currentProcesses: [] })
}

export function slotOfApp(cluster: Cluster, name: string): Slot {
  const kind = kindOf(cluster, appType.apiVersion, appType.kind)
  if (kind === undefined) throw new Error('nobody serves App')
  return slotOf(cluster, kind, 'default', name)
}

/** The initial objects; no process has started. */
export function initialState(cluster: Cluster): Int32Array {
  const state = new Int32Array(cluster.partType.length)
  initialParts(cluster, state)
  return state
}

export interface Written {
  readonly state: Int32Array
  readonly effects: readonly WriteEffect[]
}

/** The state after writes of a client that holds no answers. */
export function afterWrites(cluster: Cluster, state: Int32Array, calls: readonly WriteCall[]): Written {
  const world = worldOf(cluster, state)
  const effects = calls.map((call) => {
    const operation = operationOf(cluster, cluster.operations, call, [], 0) as WriteOperation
    ensureCapacity(world)
    return commitWrite(world, operation, [], [])
  })
  const truth = truthOf(world)
  return { state: truth.slice(0, trimmedLength(world, truth)), effects }
}

function worldOf(cluster: Cluster, state: Int32Array): World {
  const world = createWorld(cluster, {
    granularity: 'write',
    profile: 'lagging',
    queue: 'fifo',
    lagMax: 8,
    timeMaxMs: 1000,
    absorbNoOps: false,
  })
  loadState(world, state, state.length)
  return world
}

export function fingerprintOf(cluster: Cluster, state: Int32Array): string {
  fingerprint(cluster, state, state.length)
  return `${print.high} ${print.low}`
}

export function storeFingerprintOf(cluster: Cluster, state: Int32Array): string {
  storeFingerprint(cluster, state, state.length)
  return `${print.high} ${print.low}`
}

// ---- calls

const target = (name: string) => ({ type: appType, namespace: 'default', name })

export function creation(object: KubernetesObject): WriteCall {
  const { name } = object.metadata
  return {
    op: 'create',
    type: appType,
    namespace: 'default',
    ...(name === undefined ? {} : { name }),
    body: object as never,
  }
}

export function mergePatch(name: string, body: object, subresource?: string): WriteCall {
  return {
    op: 'patch',
    patchType: 'merge',
    ...target(name),
    body: body as never,
    ...(subresource === undefined ? {} : { subresource }),
  }
}

export function update(name: string, body: object): WriteCall {
  return { op: 'update', ...target(name), body: body as never }
}

export function deletion(name: string): WriteCall {
  return { op: 'delete', ...target(name) }
}
