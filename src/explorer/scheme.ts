/** The kinds of an `ExplorerBuilder`: Kubernetes' own, and those that the user adds; and how `group/Kind` is read. */
import { resourcesOfCustomResourceDefinition } from '#api/crd.ts'
import { parseApiVersion } from '#api/group-version-kind.ts'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import type { KindDeclaration } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'

const KUBERNETES_KINDS = createScheme()

/** Kubernetes' built-in kinds are known from the beginning. */
export class Scheme {
  readonly #crds: KubernetesObject[] = []
  readonly #kinds: KindDeclaration[] = []
  readonly #added: ResourceInfo[] = []

  /**
   * Adds a CustomResourceDefinition (its manifest as an object), or a kind by its name alone.
   * Defaults of a kind: plural = kind in lower case + 's', namespaced, status subresource.
   * @throws ScenarioError for anything else, and for a definition that the API server would refuse.
   */
  add(definition: KindDeclaration | KubernetesObject | object): this {
    const { apiVersion, kind, spec } = (definition ?? {}) as Partial<KubernetesObject>
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') {
      throw new ScenarioError(
        `Scheme.add got ${show(definition)}. It takes a CustomResourceDefinition as an object, or a kind: { apiVersion: 'example.com/v1', kind: 'Foo' }.`,
      )
    }
    if (kind === 'CustomResourceDefinition' && spec !== undefined) this.#addDefinition(definition as KubernetesObject)
    else this.#addKind(definition as KindDeclaration)
    return this
  }

  #addDefinition(definition: KubernetesObject): void {
    const found = resourcesOfCustomResourceDefinition(definition)
    if ('errors' in found) {
      const errors = found.errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
      const name = definition.metadata?.name ?? 'without a name'
      throw new ScenarioError(`Scheme.add: the CustomResourceDefinition ${name} is not valid: ${errors}`)
    }
    this.#crds.push(definition)
    this.#added.push(...found.resources)
  }

  #addKind({ apiVersion, kind, plural, namespaced, statusSubresource }: KindDeclaration): void {
    if (this.find(apiVersion, kind) !== undefined) return
    const group = parseApiVersion(apiVersion)?.group
    if (group === undefined || group === '') {
      throw new ScenarioError(
        `Scheme.add: ${kind} of ${apiVersion} is none of Kubernetes' own kinds, and a kind of yours needs a group: { apiVersion: 'example.com/v1', kind: '${kind}' }.`,
      )
    }
    const declaration = {
      apiVersion,
      kind,
      ...(plural === undefined ? {} : { plural }),
      ...(namespaced === undefined ? {} : { namespaced }),
      ...(statusSubresource === undefined ? {} : { statusSubresource }),
    }
    this.#kinds.push(declaration)
    this.#added.push(declareKind(declaration))
  }

  /** What is known of a kind; undefined when nobody has added it. */
  find(apiVersion: string, kind: string): ResourceInfo | undefined {
    const isIt = (resource: ResourceInfo): boolean => resource.kind === kind && apiVersionOf(resource) === apiVersion
    return this.#added.find(isIt) ?? KUBERNETES_KINDS.byKind(apiVersion, kind)
  }

  /**
   * The type that `group/Kind` names, in the version that is stored; the core group may be left out, empty or `core`.
   * @throws ScenarioError for a kind that is not in the scheme.
   */
  resolve(name: string): TypeReference {
    const parts = typeof name === 'string' ? name.split('/') : []
    const kind = parts.at(-1) ?? ''
    const group = parts.length === 2 && parts[0] !== 'core' ? (parts[0] ?? '') : ''
    const ofKind = [...this.#added, ...KUBERNETES_KINDS.all].filter((resource) => resource.kind === kind)
    const found = parts.length <= 2 ? ofKind.filter((resource) => resource.group === group) : []
    const chosen = found.find(({ version, storageVersion }) => version === storageVersion) ?? found[0]
    if (chosen !== undefined) return { apiVersion: apiVersionOf(chosen), kind }
    const others = [...new Set(ofKind.map((resource) => `'${resource.group || 'core'}/${kind}'`))]
    const advice =
      others.length > 0
        ? `Is ${others.join(' or ')} meant? A kind is written group/Kind, without its version.`
        : "Add it: scheme.add({ apiVersion: 'example.com/v1', kind: 'Foo' }), or its CustomResourceDefinition."
    throw new ScenarioError(`there is no kind ${show(name)} in the scheme. ${advice}`)
  }

  /** Definitions added, for a scenario. */
  get crds(): readonly KubernetesObject[] {
    return [...this.#crds]
  }

  /** Kinds added by their names, for a scenario. */
  get kinds(): readonly KindDeclaration[] {
    return [...this.#kinds]
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'object' && value !== null) return `the object { ${Object.keys(value).slice(0, 6).join(', ')} }`
  return String(value)
}
