/** The `kubeConfig` of a reconcile under `explore`: its requests are calls of the run. */
import type { ResourceTable } from '#api/resource.ts'
import { inMemoryAgent, listenerOver } from './in-memory-agent.ts'
import { SimulatedKubeConfig } from './kube-config.ts'
import type { AnswerRest, RestAnswer } from './rest-answer.ts'
import { type Ask, answerByCalls } from './rest-calls.ts'

/** Answers `work` when the run's code has nothing else to do; what is asked until then was asked together. */
export type Hold = <T>(work: (ask: Ask) => T | Promise<never>) => Promise<T>

export function runKubeConfig(table: ResourceTable, hold: Hold): SimulatedKubeConfig {
  const answer: AnswerRest = (rest) => hold<RestAnswer>((ask) => answerByCalls(table, rest, ask))
  return new SimulatedKubeConfig({ answer, agent: () => inMemoryAgent(listenerOver(answer)) })
}
