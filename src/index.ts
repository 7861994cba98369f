/** The front door of the package: what is not on this list is internal. */
export type { KubernetesObject, NamespacedName, ObjectMeta, OwnerReference, TypeReference } from '#api/object.ts'
export { ApiError, type Status } from '#api/status.ts'
export { builtin } from '#builtin-controllers/builtin.ts'
export {
  apply,
  type ClusterReader,
  create,
  defineScenario,
  patch,
  remove,
  type Scenario,
  type ScenarioDefinition,
  scale,
  type UserAction,
  type UserProperty,
} from '#cluster/scenario.ts'
export type { Client, ListOptions, Reader } from '#controller/client.ts'
export type {
  ControllerDefinition,
  MapFunction,
  Predicate,
  Reconciler,
  ReconcilerTools,
  ReconcileRequest,
  ReconcileResult,
} from '#controller/controller.ts'
export { type Controller, defineController } from '#controller/define-controller.ts'
export { always, eventually, sometimes } from '#properties/user.ts'
export type { ExploreReport, ReportFinding } from '#trace/report.ts'
export { explore } from './explore.ts'
