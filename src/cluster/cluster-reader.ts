/** The truth of a state as properties see it. */
import { matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import type { KubernetesObject } from '#api/object.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import { labelSelectorText } from '#controller/selector-text.ts'
import { externalState, systemOf } from './external-systems.ts'
import type { ClusterReader } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, type Kind, kindOf, revisionPart, slotOf } from './tables.ts'
import { noteListTouch, noteObjectTouch } from './touches.ts'
import { versionOf } from './versions.ts'
import { withRevision } from './with-revision.ts'

export function clusterReader(cluster: Cluster, state: Int32Array): ClusterReader {
  const known = (apiVersion: string, kind: string): Kind => {
    const found = kindOf(cluster, apiVersion, kind)
    if (found === undefined)
      throw new ScenarioError(
        `a property reads ${kind} of ${apiVersion}, which nobody serves. Check its apiVersion and kind.`,
      )
    return found
  }
  const objectAt = (part: number): KubernetesObject | undefined => {
    const version = state[part]
    if (version === undefined || version === 0) return undefined
    return withRevision(versionOf(cluster.versions, version).body, state[revisionPart(part)] as number)
  }
  return {
    get: (type, key) => {
      const kind = known(type.apiVersion, type.kind)
      const namespace = kind.resource.namespaced ? (key.namespace ?? 'default') : ''
      const slot = slotOf(cluster, kind, namespace, key.name)
      noteObjectTouch(cluster, slot, { by: undefined, seesStatus: true })
      return objectAt(slot.part) as never
    },
    external: (name) => {
      const { slot } = systemOf(cluster, name, 'a property reads')
      return externalState(cluster, state[slot.part] as number) as never
    },
    list: (type, options = {}) => {
      const kind = known(type.apiVersion, type.kind)
      const labels =
        options.labelSelector === undefined ? undefined : compileLabelSelector(labelSelectorText(options.labelSelector))
      const fields = options.fieldSelector === undefined ? undefined : parseFieldSelector(options.fieldSelector)
      if (typeof fields === 'string')
        throw new ScenarioError(`a property lists by a field selector that does not parse: ${fields}`)
      const matches = (object: KubernetesObject): boolean =>
        (labels === undefined || labels(object)) && (fields === undefined || matchesFields(fields, object))
      noteListTouch(cluster, kind.id, {
        by: undefined,
        seesStatus: true,
        source: `property ${JSON.stringify(options)}`,
        namespace: options.namespace ?? '',
        matches: (version) => version !== 0 && matches(versionOf(cluster.versions, version).body),
      })
      return kind.slots
        .filter((slot) => options.namespace === undefined || slot.namespace === options.namespace)
        .map((slot) => objectAt(slot.part))
        .filter((object) => object !== undefined && matches(object)) as never
    },
  }
}
