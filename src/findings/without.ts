/** A scenario without some of its user actions and objects: what a minimised counterexample is a path of. */
import type { KubernetesObject } from '#api/object.ts'
import type { Scenario } from '#cluster/scenario.ts'
import type { LeftOut } from '#trace/report.ts'

export const NOTHING_LEFT_OUT: LeftOut = { actions: [], objects: [] }

/** Manifests are objects by now. Places beyond the scenario's lists are ignored: it has changed since. */
export function withoutParts(scenario: Scenario, { actions, objects }: LeftOut): Scenario {
  if (actions.length === 0 && objects.length === 0) return scenario
  return {
    ...scenario,
    ...(scenario.actions && { actions: without(scenario.actions, actions) }),
    ...(scenario.objects && { objects: without(scenario.objects, objects) }),
  }
}

function without<T>(list: readonly T[], left: LeftOut['actions']): readonly T[] {
  return list.filter((_, index) => !left.some((part) => part.index === index))
}

/** The parts that can be left out, those last in the scenario first; `objects` are named as reports name them. */
export function partsOf(scenario: Scenario, titles: readonly string[]): LeftOut {
  const actions = titles.map((title, index) => ({ index, title })).reverse()
  const objects = (scenario.objects ?? []).map((object, index) => ({
    index,
    title: titleOf(object as KubernetesObject),
  }))
  return { actions, objects: objects.reverse() }
}

function titleOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}
