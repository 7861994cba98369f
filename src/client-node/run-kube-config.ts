/** The `kubeConfig` of a reconcile under `explore`: its requests are calls of the run. */
import type { ResourceTable } from '#api/resource.ts'
import { inMemoryAgent, listenerOver } from './in-memory-agent.ts'
import { SimulatedKubeConfig } from './kube-config.ts'
import type { AnswerRest, RestAnswer } from './rest-answer.ts'
import { type Ask, answerByCalls } from './rest-calls.ts'

/** Answers `work` when the run's code has nothing else to do; what is asked until then was asked together. */
export type Hold = <T>(work: (ask: Ask) => T | Promise<never>) => Promise<T>

/** What is behind the `kubeConfig` of a run. */
export interface RunServer {
  readonly table: ResourceTable
  readonly answer: AnswerRest
  /** Reads from the process's view. */
  readonly answerFromView: AnswerRest
}

const servers = new WeakMap<object, RunServer>()

export function runKubeConfig(table: ResourceTable, hold: Hold): SimulatedKubeConfig {
  const answer: AnswerRest = (rest) => hold<RestAnswer>((ask) => answerByCalls(table, rest, ask))
  const answerFromView: AnswerRest = (rest) => hold<RestAnswer>((ask) => answerByCalls(table, rest, ask, true))
  const kubeConfig = new SimulatedKubeConfig({ answer, agent: () => inMemoryAgent(listenerOver(answer)) })
  servers.set(kubeConfig, { table, answer, answerFromView })
  return kubeConfig
}

/** The server of a run's `kubeConfig`; undefined for any other. */
export function runServerOf(kubeConfig: object): RunServer | undefined {
  return servers.get(kubeConfig)
}
