/** The front door of the package: what is not on this list is internal. */
export type { KubernetesObject, NamespacedName, ObjectMeta, OwnerReference, TypeReference } from '#api/object.ts'
export { ApiError, type Status } from '#api/status.ts'
export { apply, create, defineScenario, patch, remove, type Scenario, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
export { defineController } from '#controller/define-controller.ts'
export { always, eventually, sometimes } from '#properties/user.ts'
