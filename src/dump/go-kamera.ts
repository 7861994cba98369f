/**
 * Reads what the Go Kamera's inspector saves: one JSON object with every object once by its hash, and states with the
 * paths to them. Its keys lose group and kind when they are written, so objects are known by what they are themselves.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { PathRecord, PathStep, WriteRecord } from '#trace/path.ts'
import type { ReportOutcome } from '#trace/report.ts'
import { type Fields, isFields } from './check-data.ts'
import { DumpError } from './dump-error.ts'
import type { DumpedReport } from './format.ts'
import { objectName, pathReport } from './path-report.ts'

/** Whether a file that begins with this may be one. */
export function mayBeGoKamera(start: Uint8Array): boolean {
  return /^\s*\{/.test(new TextDecoder().decode(start))
}

/** @param name how messages call it. Throws `DumpError`. */
export function goKameraReport(text: string, name: string): DumpedReport {
  const data = parsed(text, name)
  const states = data.states
  if (!Array.isArray(data.objects) || !Array.isArray(states)) throw foreign(name)
  const objects = objectsByHash(data.objects)
  const outcomes = states.filter(isFields).flatMap((state, index) => outcomesOf(state, index + 1, objects))
  return pathReport('go-kamera', { outcomes })
}

type Objects = ReadonlyMap<string, KubernetesObject>

function parsed(text: string, name: string): Fields {
  try {
    const data: unknown = JSON.parse(text)
    if (isFields(data)) return data
  } catch (cause) {
    throw foreign(name, cause)
  }
  throw foreign(name)
}

function foreign(name: string, cause?: unknown): DumpError {
  return new DumpError(
    `${name} is not a dump.`,
    'A dump is what --dump writes, or what the Go Kamera saves; a trace begins with its header, and a counterexample is another file.',
    'Write one: kamera explore SCENARIO --dump FILE. A counterexample is for kamera replay.',
    cause,
  )
}

function objectsByHash(stored: readonly unknown[]): Objects {
  const objects = new Map<string, KubernetesObject>()
  for (const entry of stored) {
    if (!isFields(entry) || !isFields(entry.object) || !isFields(entry.object.metadata)) continue
    const { kind, apiVersion, metadata } = entry.object
    if (typeof kind !== 'string' || typeof metadata.name !== 'string') continue
    const whole = { ...entry.object, apiVersion: typeof apiVersion === 'string' ? apiVersion : 'v1' }
    objects.set(hashOf(entry.hash), whole as unknown as KubernetesObject)
  }
  return objects
}

function hashOf(hash: unknown): string {
  return isFields(hash) ? `${hash.Strategy} ${hash.Value}` : String(hash)
}

/** One for each path: states are listed with all of them there. */
function outcomesOf(state: Fields, number: number, objects: Objects): readonly ReportOutcome[] {
  const contents = isFields(state.state) && isFields(state.state.contents) ? state.state.contents.objects : []
  const names = [...held(contents, objects).keys()].sort()
  const paths = Array.isArray(state.paths) ? (state.paths as readonly unknown[]) : []
  const reason = typeof state.reason === 'string' && state.reason !== '' ? ` (${state.reason})` : ''
  const shown: readonly unknown[] = paths.length === 0 ? [[]] : paths
  return shown.map((steps, path) => ({
    id: `state-${number}${reason}${shown.length === 1 ? '' : ` path ${path + 1} of ${shown.length}`}`,
    fingerprint: '',
    objects: names,
    paths: paths.length,
    first: pathOf(Array.isArray(steps) ? steps : [], objects),
  }))
}

function held(list: unknown, objects: Objects): ReadonlyMap<string, KubernetesObject> {
  const found = new Map<string, KubernetesObject>()
  for (const entry of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    const object = isFields(entry) ? objects.get(hashOf(entry.hash)) : undefined
    if (object !== undefined) found.set(objectName(object), object)
  }
  return found
}

function pathOf(steps: readonly unknown[], objects: Objects): PathRecord {
  const records = steps.filter(isFields).map((step, index) => stepOf(step, index, objects))
  return { actions: records.map(({ title }) => title), steps: records }
}

/** It keeps neither reads nor causes. */
function stepOf(step: Fields, index: number, objects: Objects): PathStep {
  const controller = typeof step.controllerId === 'string' ? step.controllerId : 'a controller'
  const kind = typeof step.frameType === 'string' && step.frameType !== '' ? ` (${step.frameType})` : ''
  return {
    index,
    type: 'reconcile',
    title: `${controller} reconciles${kind}`,
    controller,
    causes: [],
    reads: [],
    writes: writesOf(step, objects),
    faults: [],
    enqueued: [],
    ...(typeof step.error === 'string' && step.error !== '' ? { result: { type: 'error', message: step.error } } : {}),
  }
}

/** What differs between the states before and after; where these were left out, what the step changed. */
function writesOf(step: Fields, objects: Objects): readonly WriteRecord[] {
  const changes = isFields(step.changes) ? held(step.changes.objectVersions, objects) : new Map()
  const isWhole = Array.isArray(step.stateBefore) && Array.isArray(step.stateAfter)
  const before = held(step.stateBefore, objects)
  const after: ReadonlyMap<string, KubernetesObject> = isWhole ? held(step.stateAfter, objects) : changes
  const names = [...new Set([...(isWhole ? before.keys() : []), ...after.keys()])]
  return names.flatMap((object): WriteRecord[] => {
    const [old, made] = [before.get(object), after.get(object)]
    if (old === made) return []
    const op = old === undefined && isWhole ? 'create' : made === undefined ? 'delete' : 'update'
    return [
      {
        op,
        object,
        outcome: 'committed',
        ...(old === undefined ? {} : { before: old }),
        ...(made === undefined ? {} : { after: made }),
      },
    ]
  })
}
