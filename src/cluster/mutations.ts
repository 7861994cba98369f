/**
 * Environment events derived from a kind: what somebody may do to the spec of its objects at any moment. `mutations`
 * declares them in a scenario's `environment`; `mutationEvents` makes the events, one for each field and change, from
 * the schema and, where that says nothing, from the values that the field has in a state.
 *
 * They are not a user's script, so they must not take away what the script is about: an object is removed only once
 * the script is over, and created again only after it was removed so. What the API server refuses cannot happen.
 */
import type { Json, KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import { isDefinition, type SpecSchema, specSchemaOf } from './crd-fields.ts'
import type { EnvironmentChange, EnvironmentCluster, EnvironmentEvent } from './environment.ts'
import type { Manifest, Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'

/**
 * `scale`: a number one step up or down. `toggle`: a boolean, or another value of an enumeration. `remove`: a field
 * that is not required is left out. `recreate`: the object is removed, and created again. `revert`: the spec is put
 * back to what the scenario's manifest says.
 */
export type MutationType = 'scale' | 'toggle' | 'remove' | 'recreate' | 'revert'

export interface MutationOptions {
  /** Default: all five. */
  readonly types?: readonly MutationType[]
  /** Dotted paths, `spec.replicas`. Default: every field of the spec that the schema names. */
  readonly fields?: readonly string[]
  /** Default: every object of the kind. */
  readonly targets?: readonly NamespacedName[]
  /** Largest number that `scale` sets where the schema has no maximum. Default 3. */
  readonly maximum?: number
}

/** What `mutations` returns. */
export interface Mutations {
  readonly type: 'mutations'
  readonly crd: Manifest | object
  readonly options: MutationOptions
}

/**
 * Changes of spec that follow from a CRD's schema, for a scenario's `environment`. For a kind without a CRD give
 * `{ apiVersion, kind }` and `fields`.
 */
export function mutations(crd: Manifest | object, options: MutationOptions = {}): Mutations {
  return { type: 'mutations', crd, options }
}

const TYPES: readonly MutationType[] = ['scale', 'toggle', 'remove', 'recreate', 'revert']
const OPTIONS: readonly string[] = ['types', 'fields', 'targets', 'maximum']

/** The events of one declaration, in a fixed order. `where` begins messages about it. */
export function mutationEvents(
  scenario: Scenario,
  { crd, options }: Mutations,
  where: string,
): readonly EnvironmentEvent[] {
  check(options, where)
  const { types = TYPES, targets, maximum = 3 } = options
  const { type, fields } = described(crd, options, where)
  const each = (cluster: EnvironmentCluster): readonly KubernetesObject[] =>
    cluster
      .list<KubernetesObject>(type)
      .filter((object) => targets === undefined || targets.some((key) => isNamed(object, key)))
  const kind = { type, each, maximum }
  return [
    ...fields.flatMap((field) => fieldEvents(kind, field, types)),
    ...(types.includes('revert') ? [revertEvent(scenario, kind)] : []),
    ...(types.includes('recreate') ? recreateEvents(scenario, kind, targets) : []),
  ]
}

function check(options: MutationOptions, where: string): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined)
    throw new ScenarioError(
      `${where}: mutations have no option ${unknown}, so it would have no effect. Options are ${OPTIONS.join(', ')}.`,
    )
  const wrong = options.types?.find((type) => !TYPES.includes(type))
  if (wrong !== undefined)
    throw new ScenarioError(`${where}: there are no mutations of the type ${wrong}. Types are ${TYPES.join(', ')}.`)
}

interface Field extends SpecSchema {
  /** `spec.replicas`, in parts. */
  readonly path: readonly string[]
}

function described(
  crd: Manifest | object,
  { fields }: MutationOptions,
  where: string,
): { readonly type: TypeReference; readonly fields: readonly Field[] } {
  const given = crd as KubernetesObject
  const { type, schema } = isDefinition(given)
    ? specSchemaOf(given, where)
    : { type: plainType(given, where), schema: [] }
  if (fields === undefined) {
    if (schema.length === 0)
      throw new ScenarioError(
        `${where}: the schema of ${type.kind} names no field of its spec. Name some: mutations(…, { fields: ['spec.replicas'] }).`,
      )
    return { type, fields: schema }
  }
  return {
    type,
    fields: fields.map(
      (text) => schema.find(({ path }) => path.join('.') === text) ?? { path: text.split('.'), isRequired: false },
    ),
  }
}

function plainType({ apiVersion, kind }: KubernetesObject, where: string): TypeReference {
  if (typeof apiVersion === 'string' && typeof kind === 'string') return { apiVersion, kind }
  throw new ScenarioError(
    `${where}: mutations are of a CustomResourceDefinition (or its file), or of { apiVersion, kind } with fields.`,
  )
}

interface MutatedKind {
  readonly type: TypeReference
  readonly each: (cluster: EnvironmentCluster) => readonly KubernetesObject[]
  readonly maximum: number
}

function fieldEvents(kind: MutatedKind, field: Field, types: readonly MutationType[]): readonly EnvironmentEvent[] {
  const name = field.path.join('.')
  const set = (what: string, next: (value: Json | undefined) => Json | undefined): EnvironmentEvent => ({
    name: `${name} ${what}`,
    mayBeRefused: true,
    each: kind.each,
    act: (_, object: KubernetesObject) => {
      const value = next(valueAt(object, field.path))
      return value === undefined ? undefined : patchOf(kind.type, object, nested(field.path, value))
    },
  })
  const events: EnvironmentEvent[] = []
  if (types.includes('scale') && (field.type === undefined || field.type === 'integer' || field.type === 'number')) {
    const least = field.minimum ?? 0
    const most = field.maximum ?? kind.maximum
    events.push(
      set('up', (value) => (typeof value === 'number' && value + 1 <= most ? value + 1 : undefined)),
      set('down', (value) => (typeof value === 'number' && value - 1 >= least ? value - 1 : undefined)),
    )
  }
  if (types.includes('toggle')) {
    if (field.type === undefined || field.type === 'boolean')
      events.push(
        set('toggled', (value) => (typeof value === 'boolean' ? !value : field.type === 'boolean' ? true : undefined)),
      )
    for (const value of field.values ?? [])
      events.push(
        set(`set to ${JSON.stringify(value)}`, (now) =>
          JSON.stringify(now) === JSON.stringify(value) ? undefined : value,
        ),
      )
  }
  if (types.includes('remove') && !field.isRequired)
    events.push(set('removed', (value) => (value === undefined ? undefined : null)))
  return events
}

function revertEvent(scenario: Scenario, { type, each }: MutatedKind): EnvironmentEvent {
  const manifests = manifestsOf(scenario, type)
  return {
    name: 'spec reverted',
    mayBeRefused: true,
    each,
    act: (_, object: KubernetesObject) => {
      const manifest = manifests.find(({ metadata }) => isNamed(object, metadata as NamespacedName))
      if (manifest === undefined) return undefined
      const spec = difference(object['spec'], manifest['spec'])
      return spec === undefined ? undefined : patchOf(type, object, { spec })
    },
  }
}

function recreateEvents(
  scenario: Scenario,
  { type, each }: MutatedKind,
  targets: readonly NamespacedName[] | undefined,
): readonly EnvironmentEvent[] {
  const manifests = manifestsOf(scenario, type).filter(
    (object) => targets === undefined || targets.some((key) => isNamed(object, key)),
  )
  const titleOf = ({ metadata }: KubernetesObject): string =>
    `${type.kind} ${metadata.namespace ?? 'default'}/${metadata.name}`
  const named = (title: string): KubernetesObject | undefined =>
    manifests.find((manifest) => titleOf(manifest) === title)
  return [
    {
      name: 'removed',
      each: (cluster) => (cluster.scriptIsOver ? each(cluster).map(titleOf).filter(named) : []),
      act: (_, title: string) => {
        const { namespace, name } = (named(title) as KubernetesObject).metadata
        return {
          type: 'remove',
          target: { ...type, ...(namespace === undefined ? {} : { namespace }), name: name as string },
        }
      },
    },
    {
      name: 'created again',
      each: (cluster) =>
        manifests
          .map(titleOf)
          .filter((title) => cluster.happened(`removed: ${title}`) > cluster.happened(`created again: ${title}`)),
      act: (_, title: string) => ({ type: 'create', manifest: named(title) as KubernetesObject }),
    },
  ]
}

/** The manifests of a kind in the scenario, the first of each name. */
function manifestsOf(
  { objects = [], actions = [] }: Scenario,
  { apiVersion, kind }: TypeReference,
): readonly KubernetesObject[] {
  const all = [...objects, ...actions.flatMap((action) => ('manifest' in action ? [action.manifest] : []))]
  return all.filter((object): object is KubernetesObject => {
    const { apiVersion: version, kind: given } = object as KubernetesObject
    return given === kind && String(version).split('/')[0] === apiVersion.split('/')[0]
  })
}

function isNamed({ metadata }: KubernetesObject, { namespace, name }: NamespacedName): boolean {
  return metadata.name === name && (metadata.namespace ?? 'default') === (namespace ?? 'default')
}

function patchOf(type: TypeReference, { metadata }: KubernetesObject, patch: Json): EnvironmentChange {
  const { namespace, name } = metadata
  return {
    type: 'patch',
    target: { ...type, ...(namespace === undefined ? {} : { namespace }), name: name as string },
    patch,
  }
}

function valueAt(object: KubernetesObject, path: readonly string[]): Json | undefined {
  let value: unknown = object
  for (const name of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  return value as Json | undefined
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
}

/** The merge patch from one value to the other; undefined when they are equal. */
function difference(from: unknown, to: unknown): Json | undefined {
  if (!isRecord(from) || !isRecord(to))
    return JSON.stringify(from) === JSON.stringify(to) ? undefined : ((to ?? null) as Json)
  const patch: Record<string, Json> = {}
  for (const name of Object.keys(from)) if (!(name in to)) patch[name] = null
  for (const [name, wanted] of Object.entries(to)) {
    const change = difference(from[name], wanted)
    if (change !== undefined) patch[name] = change
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
