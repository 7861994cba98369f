/** The small objects of the explorations of built-in controllers, and an exploration's result in short. */
import type { KubernetesObject } from '#api/object.ts'
import { defineScenario, type ScenarioDefinition } from '#cluster/scenario.ts'
import { SEARCHED_PROFILES } from '#exploration/options.ts'
import { explore } from '#explore.ts'
import type { ExploreReport } from '#trace/report.ts'

export const deploymentType = { apiVersion: 'apps/v1', kind: 'Deployment' }
export const replicaSetType = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }

const labels = { app: 'web' }

/** A pod template, selected by `app: web`. */
export function workloadSpec(image = 'web:1', podSpec: object = {}): object {
  return {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }], ...podSpec } },
  }
}

export function object(apiVersion: string, kind: string, name: string, fields: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { namespace: 'default', name }, ...fields } as KubernetesObject
}

/** A pod that matches `app: web` and has no controller. */
export function strayPod(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, labels },
    spec: { nodeName: 'node', containers: [{ name: 'main', image: 'web:0' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  } as unknown as KubernetesObject
}

export interface Explored {
  readonly verdict: ExploreReport['verdict']
  readonly outcomes: number
  /** `oracle: message`. */
  readonly findings: readonly string[]
}

/** Whole reconciles with up to `faults` faults, or with `more` fewer of a kind: what is found, and how it ends. */
export async function explored(
  definition: Omit<ScenarioDefinition, 'name'>,
  faults: number,
  more: {
    readonly stale?: number
    readonly crash?: number
    readonly apiError?: number
    readonly relist?: number
    readonly slow?: number
    readonly lagMax?: number
    readonly stopAtFirst?: boolean
  } = {},
): Promise<Explored> {
  const scenario = defineScenario({ name: 'builtin', ...definition })
  const report = await explore(scenario, { faults, ...more, ...profiles(), granularity: 'reconcile' })
  const last = report.levels.at(-1)
  if (process.env['KAMERA_SHOW_STATES'] !== undefined) {
    console.log(report.levels.map((level) => `${level.statesDistinct} states, ${level.elapsedMs} ms`).join('; '))
  }
  return {
    verdict: report.verdict,
    outcomes: last?.outcomes ?? 0,
    findings: report.findings.map(({ oracle, message }) => `${oracle}: ${message}`),
  }
}

/** With `KAMERA_PROFILE=all` under every consistency profile, which takes five times as long: before a release. */
function profiles(): { readonly profiles?: readonly string[] } {
  return process.env['KAMERA_PROFILE'] === 'all' ? { profiles: SEARCHED_PROFILES } : {}
}

/** Comes to rest, in one way, and nothing is found. */
export const holds: Explored = { verdict: 'holds', outcomes: 1, findings: [] }
