/** Puts the objects of manifest files in the place of their paths: in CRDs, objects and user actions. */
import type { KubernetesObject } from '#api/object.ts'
import type { Scenario, UserAction } from '#cluster/scenario.ts'
import { checkObject, type LoadedManifest, loadManifests } from './load-manifests.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/**
 * The scenario with objects only. An `apply` or `create` of a file with several objects becomes one action an
 * object, as kubectl sends one request an object.
 * @param path the scenario as the user wrote it, for messages
 */
export function resolveManifests(scenario: Scenario, directory: string, path: string): Scenario {
  const load = (manifest: unknown, from: string) => loadOne(manifest, directory, `${path}, ${from}`)
  const crds = scenario.crds?.flatMap((crd, index) => load(crd, `crds[${index}]`).map(checkDefinition))
  const objects = scenario.objects?.flatMap((object, index) =>
    load(object, `objects[${index}]`).map((loaded) => loaded.object),
  )
  const actions = scenario.actions?.flatMap((action, index) => resolveAction(action, `actions[${index}]`, path, load))
  const environment = scenario.environment?.flatMap((event, index): readonly EnvironmentDeclaration[] => {
    if (!('type' in event) || typeof event.crd !== 'string') return [event]
    return load(event.crd, `environment[${index}]`).map(({ object }) => ({ ...event, crd: object }))
  })
  return {
    ...scenario,
    ...(crds && { crds }),
    ...(objects && { objects }),
    ...(actions && { actions }),
    ...(environment && { environment }),
  }
}

function loadOne(manifest: unknown, directory: string, from: string): readonly LoadedManifest[] {
  if (typeof manifest === 'string') return loadManifests(manifest, directory, from)
  return [{ object: plainJson(checkObject(manifest, from), from), origin: from }]
}

function checkDefinition({ object, origin }: LoadedManifest): KubernetesObject {
  if (object.kind === 'CustomResourceDefinition') return object
  throw new UsageError({
    what: `The object at ${origin} (${object.kind} ${object.metadata.name}) is not a CustomResourceDefinition.`,
    why: 'Only definitions belong into crds; installation manifests often hold other objects too.',
    fix: 'Name the other objects in objects, or split the file.',
  })
}

type EnvironmentDeclaration = NonNullable<Scenario['environment']>[number]

type Load = (manifest: unknown, from: string) => readonly LoadedManifest[]

const ACTION_TYPES: readonly UserAction['type'][] = ['apply', 'create', 'remove', 'patch', 'scale']

function resolveAction(action: UserAction, place: string, path: string, load: Load): readonly UserAction[] {
  switch (action?.type) {
    case 'apply':
    case 'create':
      return load(action.manifest, place).map(({ object }, index) => {
        // Only the first waits for rest: kubectl sends the others right after it.
        const { at, ...rest } = action
        return { ...rest, ...(index === 0 && at !== undefined && { at }), manifest: object }
      })
    case 'remove':
    case 'patch':
    case 'scale': {
      checkTarget(action, `${path}, ${place}`)
      return [action]
    }
    default: {
      const type = String((action as { readonly type?: unknown } | undefined)?.type)
      throw actionError(`${path}, ${place}`, `is not a user action${suggestion(type, ACTION_TYPES)}`)
    }
  }
}

function checkTarget(action: Extract<UserAction, { target: unknown }>, place: string): void {
  if (typeof action.target?.kind !== 'string' || action.target.kind === '')
    throw actionError(place, `(${action.type}) names no kind`)
  if (typeof action.target.name !== 'string' || action.target.name === '')
    throw actionError(place, `(${action.type} ${action.target.kind}) names no object`)
  if (action.type === 'scale' && !(Number.isInteger(action.replicas) && action.replicas >= 0)) {
    throw actionError(
      place,
      `(scale ${action.target.kind} ${action.target.name}) has replicas ${String(action.replicas)}`,
    )
  }
}

function actionError(place: string, what: string): UsageError {
  return new UsageError({
    what: `${place} ${what}.`,
    why: 'The action was not written with a function of kamera, or an argument of it is missing.',
    fix: "Write apply('./zk.yaml'), create(…), remove({ kind, name }), patch({ kind, name }, { … }) or scale({ kind, name }, 3).",
  })
}

/** A copy without shared parts and undefined fields; what JSON cannot hold is an error. */
function plainJson(object: KubernetesObject, from: string): KubernetesObject {
  const text = JSON.stringify(object, function (this: unknown, name, value: unknown) {
    const isJson =
      !['function', 'symbol', 'bigint'].includes(typeof value) &&
      !(typeof value === 'number' && !Number.isFinite(value))
    if (isJson) return value
    throw new UsageError({
      what: `The object at ${from} (${object.kind} ${object.metadata.name ?? ''}) has a ${typeof value} in the field ${name}, which is not JSON.`,
      why: 'An API object is data: text, numbers, true or false, lists and maps.',
      fix: 'Leave the field out, or write its value as data.',
    })
  })
  return JSON.parse(text) as KubernetesObject
}
