/** The front door of the package: what is not on this list is internal. */
export type { KubernetesObject, NamespacedName, ObjectMeta, OwnerReference, TypeReference } from '#api/object.ts'
export { ApiError, type Status } from '#api/status.ts'
export { builtin } from '#builtin-controllers/builtin.ts'
export { defineInformers, type InformersDefinition } from '#client-node/define-informers.ts'
export type { EnvironmentChange, EnvironmentCluster, EnvironmentEvent } from '#cluster/environment.ts'
export {
  defineExternal,
  type External,
  type ExternalChange,
  type ExternalDefinition,
  type ExternalMethod,
  type ExternalMove,
  type ExternalQuery,
  type ExternalTools,
} from '#cluster/external.ts'
export { type MutationOptions, type Mutations, type MutationType, mutations } from '#cluster/mutations.ts'
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
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
export { ExternalError } from '#controller/create-external-client.ts'
export { type Controller, defineController } from '#controller/define-controller.ts'
export {
  defineHandlers,
  type EventHandler,
  type EventHandlers,
  type EventHandlersDefinition,
} from '#controller/define-handlers.ts'
export { goController, hostController, type Program, type ProgramDefinition } from '#controller/program.ts'
export { always, eventually, leadsTo, sometimes } from '#properties/user.ts'
export type { PathRecord } from '#trace/path.ts'
export type { ExploreReport, ReportFinding } from '#trace/report.ts'
export { explore } from './explore.ts'
export { type Emitter, type ExplorationEvent, MemoryEmitter } from './explorer/events.ts'
export {
  type ExplorationResult,
  type ExploredState,
  type Explorer,
  ExplorerBuilder,
  type ExplorerFinding,
} from './explorer/explorer-builder.ts'
export { Scheme } from './explorer/scheme.ts'
export type { InitialState, StateEvent, StateEventBuilder } from './explorer/start.ts'
export type { EffectRecorder, Strategy, StrategyView } from './explorer/strategy.ts'
export { type SimulatedCluster, type SimulatedClusterOptions, simulatedCluster } from './simulated-cluster.ts'
export { runStateInspector, saveInspectorDump } from './state-inspector.ts'
