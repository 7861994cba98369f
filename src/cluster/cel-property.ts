/**
 * A property as CEL text: what `always(name, (cluster) => …)` says in TypeScript, in the language that Kubernetes'
 * users know from validation rules. `cluster` has the same two questions:
 *
 *     cluster.list('v1', 'Pod').all(pod, has(pod.spec.nodeName))
 *     cluster.list('v1', 'Pod', 'default').size() <= 3
 *     cluster.get('apps/v1', 'Deployment', 'default/web').?status.?readyReplicas.orValue(0) >= 1
 *
 * Objects are read as their JSON is: whole numbers are int, others double. `get` answers an optional.
 */
import { Optional } from '@marcbachmann/cel-js'
import { kubernetesEnvironment, withLinearRegex } from '#api/structural-schema/kubernetes-cel-library.ts'
import type { ClusterReader, UserProperty } from './scenario.ts'

/** The reader as CEL's type `Cluster`. */
class CelCluster {
  readonly reader: ClusterReader

  constructor(reader: ClusterReader) {
    this.reader = reader
  }
}

type Environment = ReturnType<typeof kubernetesEnvironment>

let environment: Environment | undefined

/**
 * A property that is true in every state (`always`), named by its text. Throws an error that names the place when the
 * text is no CEL expression, or none that is a bool.
 */
export function celProperty(text: string): UserProperty {
  environment ??= propertyEnvironment()
  const name = text.trim().replaceAll(/\s+/g, ' ')
  const parsed = compile(environment, text, name)
  return {
    type: 'always',
    name,
    holds: (reader) => {
      const result = evaluated(parsed, reader)
      if (typeof result !== 'boolean') throw new Error(`the property ${JSON.stringify(name)} is no bool here`)
      return result
    },
  }
}

function compile(celEnvironment: Environment, text: string, name: string): (variables: object) => unknown {
  try {
    const parsed = celEnvironment.parse(withLinearRegex(text))
    const { valid, type, error } = parsed.check()
    if (!valid) throw error ?? new Error('invalid expression')
    if (type !== 'bool' && type !== 'dyn') throw new Error(`it is a ${type}, and must be a bool`)
    return parsed
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The property ${JSON.stringify(name)} does not compile as CEL: ${why}`, { cause })
  }
}

/** What fails shows the expression in several lines; its first says why. */
function evaluated(parsed: (variables: object) => unknown, reader: ClusterReader): unknown {
  try {
    return parsed({ cluster: new CelCluster(reader) })
  } catch (cause) {
    const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
    throw new Error(`${why} (a field may not be there yet: has(…) asks, and .?field.orValue(…) does without)`, {
      cause,
    })
  }
}

function propertyEnvironment(): Environment {
  return kubernetesEnvironment()
    .registerType('Cluster', { ctor: CelCluster, fields: {} })
    .registerVariable('cluster', 'Cluster')
    .registerFunction(
      'Cluster.list(string, string): list<dyn>',
      ({ reader }: CelCluster, apiVersion: string, kind: string) => reader.list({ apiVersion, kind }).map(celOf),
    )
    .registerFunction(
      'Cluster.list(string, string, string): list<dyn>',
      ({ reader }: CelCluster, apiVersion: string, kind: string, namespace: string) =>
        reader.list({ apiVersion, kind }, { namespace }).map(celOf),
    )
    .registerFunction(
      'Cluster.get(string, string, string): optional<dyn>',
      ({ reader }: CelCluster, apiVersion: string, kind: string, path: string) => {
        const [name = '', namespace] = path.split('/').reverse()
        const found = reader.get({ apiVersion, kind }, { name, ...(namespace === undefined ? {} : { namespace }) })
        return found === undefined ? Optional.none() : Optional.of(celOf(found))
      },
    )
}

/** Versions of objects are shared by many states: each is converted once. */
const converted = new WeakMap<object, unknown>()

function celOf(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  const known = converted.get(value)
  if (known !== undefined) return known
  const made = Array.isArray(value)
    ? value.map(celOf)
    : new Map(Object.entries(value).map(([key, field]) => [key, celOf(field)]))
  converted.set(value, made)
  return made
}
