/**
 * Random runs of the same system in the reference and, through `toScenario`, against the real API server with the
 * real client, store by store.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import { handle } from '#apiserver/apiserver.ts'
import type { ApiRequest, ObjectList } from '#apiserver/request.ts'
import { type ApiState, initialState as initialApiState } from '#apiserver/state.ts'
import type { UserAction } from '#cluster/scenario.ts'
import { createClient, type Transport } from '#controller/create-client.ts'
import { anySystem } from './arbitrary.ts'
import { NO_BUDGET } from './choices.ts'
import { execute } from './execution.ts'
import { fixedSystems } from './fixed-systems.ts'
import type { ProgramEnd } from './program.ts'
import { initialState } from './state.ts'
import { storeForm, storeFormOfObjects } from './store-form.ts'
import type { System } from './system.ts'
import { toScenario } from './to-scenario.ts'
import { type Transition, transitionsOf } from './transitions.ts'

/** Takes one fault-free action after the other, chosen by `choices`, on both sides. */
async function compareRun(system: System, choices: readonly number[]): Promise<void> {
  const real = realSide(system)
  let state = initialState(system)
  expect(real.form()).toBe(storeForm(state.store))
  for (const choice of choices) {
    const bounds = { granularity: 'reconcile', profile: 'lagging', lagMax: 8, budget: NO_BUDGET } as const
    const transitions = transitionsOf(system, state, bounds)
    const transition: Transition | undefined = transitions[choice % Math.max(1, transitions.length)]
    if (transition?.next === undefined) return
    const [verb, name = '', request = ''] = transition.name.split(' ')
    if (verb === 'user') real.act(state.position)
    if (verb === 'run') {
      const controller = system.controllers.find((description) => description.name === name)
      if (controller === undefined) throw new Error(`no controller ${name}`)
      const { end } = execute(system, state, { controller, request, profile: 'lagging' })
      expect(await real.reconcile(name, request)).toEqual(end.type === 'error' ? { type: 'error' } : end)
    }
    state = transition.next
    expect(real.form()).toBe(storeForm(state.store))
  }
}

type RealEnd = Exclude<ProgramEnd, { readonly type: 'error' }> | { readonly type: 'error' }

interface RealSide {
  reconcile(controller: string, request: string): Promise<RealEnd>
  act(position: number): void
  form(): string
}

function realSide(system: System): RealSide {
  const scenario = toScenario(system)
  const kinds = scenario.kinds.map((kind) => declareKind(kind))
  const table = createScheme(kinds)
  let state: ApiState = initialApiState(table, scenario.objects)

  const ask = (asked: ApiState, request: ApiRequest) => {
    const { response, state: next } = handle(table, asked, request)
    return { response, next }
  }

  /** Cached reads are answered from the state in which the reconcile began. */
  const transportFor = (view: ApiState): Transport => {
    return (call) => {
      if (call.op === 'now' || call.op === 'random' || call.op === 'external' || call.op === 'event')
        throw new Error('programs use no clock, no chance and no external system')
      const { op, type, cached: _, ...rest } = { cached: false, ...call }
      const resource = table.byKind(type.apiVersion, type.kind)
      if (resource === undefined) throw new Error(`no kind ${type.kind}`)
      const isCached = 'cached' in call && call.cached
      const { response, next } = ask(isCached ? view : state, { verb: op, resource, ...rest } as ApiRequest)
      if (!isCached) state = next
      if (response.code >= 400) return { status: response.body } as ReturnType<Transport>
      if (op === 'list') return { items: (response.body as ObjectList).items }
      return { object: response.body as KubernetesObject }
    }
  }

  return {
    async reconcile(name, request) {
      const definition = scenario.controllers.find((controller) => controller.name === name)
      if (definition === undefined) throw new Error(`no controller ${name}`)
      const transport = transportFor(state)
      const reconciler = definition.reconciler({
        client: createClient(transport, { cached: true }),
        apiReader: createClient(transport, { cached: false }),
        clock: { now: () => new Date(0) },
        kubeConfig: undefined,
        recorder: { event: () => undefined },
        external: () => undefined as never,
      })
      try {
        const result = await reconciler.reconcile({ namespace: 'default', name: request })
        const delay = result?.requeueAfterMs
        return delay === undefined ? { type: 'done' } : { type: 'done', requeueAfterMs: delay }
      } catch {
        return { type: 'error' }
      }
    },
    act(position) {
      const action = scenario.actions[position]
      if (action === undefined) throw new Error(`no action ${position}`)
      const { response, next } = ask(
        state,
        requestOf(action, (kind) => kinds.find((known) => known.kind === kind)!),
      )
      expect(response.code).toBeLessThan(400)
      state = next
    },
    form: () => storeFormOfObjects(kinds.flatMap((kind) => state.list(kind, undefined).map(({ body }) => body))),
  }
}

function requestOf(action: UserAction, resourceOf: (kind: string) => ReturnType<typeof declareKind>): ApiRequest {
  if (action.type === 'create') {
    const object = action.manifest as KubernetesObject
    return { verb: 'create', resource: resourceOf(object.kind), namespace: 'default', body: object }
  }
  if (action.type !== 'patch' && action.type !== 'remove') throw new Error(`systems have no ${action.type}`)
  const target = { resource: resourceOf(action.target.kind), namespace: 'default', name: action.target.name }
  return action.type === 'remove'
    ? { verb: 'delete', ...target }
    : { verb: 'patch', patchType: 'merge', ...target, body: action.patch }
}

describe('toScenario', () => {
  test.each(fixedSystems.map((system) => [system.name, system] as const))('%s', async (_name, system) => {
    for (const seed of [1, 2, 3, 4]) {
      const choices = fc.sample(fc.nat(), { numRuns: 20, seed })
      await compareRun(system, choices)
    }
  })

  test('random systems', async () => {
    await fc.assert(fc.asyncProperty(anySystem, fc.array(fc.nat({ max: 1000 }), { maxLength: 20 }), compareRun), {
      numRuns: 300,
      seed: 11,
    })
  })

  test('reads of a kind that nothing else watches get a watch without requests', () => {
    const [maker] = toScenario(fixedSystems.find((system) => system.name === 'two-secrets')!).controllers
    expect(maker?.watches?.map(({ kind }) => kind)).toEqual(['B'])
  })
})
