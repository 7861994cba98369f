/** Reads a test plan of Sieve from YAML. What cannot be carried out is refused with its place, never ignored. */
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { ScenarioError } from '#cluster/scenario-error.ts'
import {
  OBSERVATION_POINTS,
  PAUSE_POINTS,
  type PlannedAction,
  parseResourceKey,
  type ResourceKey,
  type SievePlan,
  type StateDiff,
  type Trigger,
} from './plan.ts'
import { type Expression, parseExpression, triggerNames } from './trigger-expression.ts'

const ACTION_TYPES = [
  'pauseAPIServer',
  'resumeAPIServer',
  'pauseController',
  'resumeController',
  'restartController',
  'reconnectController',
] as const

/** @param file name of the plan's file, for messages. Throws `ScenarioError` with file, line and column. */
export function parseSievePlan(text: string, file: string): SievePlan {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const fault = document.errors[0]
  if (fault !== undefined) {
    const [line = ''] = fault.message.split('\n')
    throw new ScenarioError(
      `The plan ${file} is not YAML: ${line.replace(/:$/, '.')}\nSomething is probably not closed, or not indented as what it belongs to.\nMend the plan there.`,
    )
  }
  return new PlanReader(document, file, lines).plan()
}

/** A map of the plan with the words for where it is. */
interface Part {
  readonly map: YAMLMap
  readonly name: string
}

class PlanReader {
  readonly #document: Document
  readonly #file: string
  readonly #lines: LineCounter

  constructor(document: Document, file: string, lines: LineCounter) {
    this.#document = document
    this.#file = file
    this.#lines = lines
  }

  plan(): SievePlan {
    const { contents } = this.#document
    if (!isMap(contents)) this.#refuse(contents, 'a plan is a map with `actions`')
    const root: Part = { map: contents as YAMLMap, name: 'the plan' }
    const actions = root.map.get('actions', true)
    const workload = this.#optionalText(root, 'workload')
    if (actions === undefined) this.#refuse(root.map, 'the plan has no `actions`')
    // A plan of Sieve may be the workload alone.
    if (isScalar(actions) && actions.value === null) return { workload, actions: [] }
    if (!isSeq(actions)) return this.#refuse(actions, '`actions` is a list')
    return { workload, actions: actions.items.map((item, index) => this.#action(item, index)) }
  }

  #action(item: unknown, index: number): PlannedAction {
    const part = this.#part(item, `actions[${index}]`)
    const type = this.#oneOf(part, 'actionType', ACTION_TYPES)
    const triggered = this.#trigger(part)
    switch (type) {
      case 'restartController':
      case 'reconnectController':
        return {
          type: 'restart',
          controller: this.#text(part, 'controllerLabel'),
          apiServer: type === 'reconnectController' ? this.#text(part, 'reconnectAPIServer') : undefined,
          ...triggered,
        }
      case 'pauseController':
      case 'resumeController':
        return {
          type: type === 'pauseController' ? 'pause-controller' : 'resume-controller',
          at: this.#oneOf(part, 'pauseAt', PAUSE_POINTS),
          scope: this.#scope(part, 'all'),
          controller: this.#optionalText(part, 'controllerLabel'),
          ...triggered,
        }
      case 'pauseAPIServer':
      case 'resumeAPIServer':
        return {
          type: type === 'pauseAPIServer' ? 'pause-api-server' : 'resume-api-server',
          apiServer: this.#text(part, 'apiServerName'),
          scope: this.#scope(part, undefined),
          ...triggered,
        }
    }
  }

  #scope(part: Part, otherwise: 'all' | undefined): 'all' | ResourceKey {
    const text = otherwise === undefined ? this.#text(part, 'pauseScope') : this.#optionalText(part, 'pauseScope')
    return text === undefined || text === 'all' ? 'all' : this.#key(part, 'pauseScope', text)
  }

  #key(part: Part, field: string, text: string): ResourceKey {
    const key = parseResourceKey(text)
    if (key === undefined)
      this.#refuse(part.map.get(field, true), `${part.name}.${field}: ${text} is not of the form kind/namespace/name`)
    return key as ResourceKey
  }

  #trigger(action: Part): {
    readonly triggers: Map<string, Trigger>
    readonly expression: Expression
    readonly waits: boolean
  } {
    const part = this.#part(action.map.get('trigger', true), `${action.name}.trigger`, action.map)
    const definitions = part.map.get('definitions', true)
    if (!isSeq(definitions)) return this.#refuse(definitions ?? part.map, `${part.name}.definitions is a list`)
    const triggers = new Map(
      definitions.items.map((item, index) => this.#definition(this.#part(item, `${part.name}.definitions[${index}]`))),
    )
    const text = this.#text(part, 'expression')
    const expression = parseExpression(text)
    const at = part.map.get('expression', true)
    if (typeof expression === 'string') return this.#refuse(at, `${part.name}.expression: ${expression}`)
    for (const name of triggerNames(expression)) {
      if (!triggers.has(name)) this.#refuse(at, `${part.name}.expression: no definition is called ${name}`)
    }
    return { triggers, expression, waits: Number(action.map.get('waitBefore') ?? 0) > 0 }
  }

  #definition(part: Part): [string, Trigger] {
    const name = this.#text(part, 'triggerName')
    const condition = this.#part(part.map.get('condition', true), `${part.name}.condition`, part.map)
    const types = [
      'onObjectCreate',
      'onObjectDelete',
      'onObjectUpdate',
      'onAnyFieldModification',
      'onTimeout',
      'onAnnotatedAPICall',
    ] as const
    const type = this.#oneOf(condition, 'conditionType', types)
    if (type === 'onTimeout') return [name, { type: 'timeout' }]
    if (type === 'onAnnotatedAPICall') {
      this.#refuse(
        condition.map.get('conditionType', true),
        `${condition.name}.conditionType: onAnnotatedAPICall is a call of instrumented Go code, which a simulated controller does not have`,
      )
    }
    const observed = this.#part(part.map.get('observationPoint', true), `${part.name}.observationPoint`, part.map)
    const object = {
      key: this.#key(condition, 'resourceKey', this.#text(condition, 'resourceKey')),
      occurrence: this.#count(condition, 'occurrence'),
      when: this.#oneOf(observed, 'when', OBSERVATION_POINTS),
    }
    if (type === 'onObjectCreate') return [name, { type: 'create', ...object }]
    if (type === 'onObjectDelete') return [name, { type: 'delete', ...object }]
    const before = this.#diff(condition, 'prevStateDiff')
    const after = this.#diff(condition, 'curStateDiff')
    if (type === 'onObjectUpdate')
      return [name, { type: 'update', ...object, ...(before && { before }), ...(after && { after }) }]
    if (before === undefined) return this.#refuse(condition.map, `${condition.name} has no prevStateDiff`)
    return [name, { type: 'any-field', ...object, fields: before }]
  }

  #diff(part: Part, field: string): StateDiff | undefined {
    const text = this.#optionalText(part, field)
    if (text === undefined) return undefined
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as StateDiff
    } catch {
      // Refused below.
    }
    return this.#refuse(part.map.get(field, true), `${part.name}.${field} is not a JSON object in a string`)
  }

  #part(node: unknown, name: string, parent?: YAMLMap): Part {
    if (!isMap(node))
      return this.#refuse(node ?? parent, `${name} ${node === undefined ? 'is missing' : 'is not a map'}`)
    return { map: node as YAMLMap, name }
  }

  #text(part: Part, field: string): string {
    const text = this.#optionalText(part, field)
    return text ?? this.#refuse(part.map, `${part.name} has no ${field}`)
  }

  #optionalText(part: Part, field: string): string | undefined {
    const value = part.map.get(field)
    if (value === undefined || value === null) return undefined
    return typeof value === 'string'
      ? value
      : this.#refuse(part.map.get(field, true), `${part.name}.${field} is not a text`)
  }

  #count(part: Part, field: string): number {
    const value = part.map.get(field) ?? 1
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
    return this.#refuse(part.map.get(field, true), `${part.name}.${field} is not a whole number of at least 1`)
  }

  #oneOf<T extends string>(part: Part, field: string, names: readonly T[]): T {
    const text = this.#text(part, field)
    const found = names.find((name) => name === text)
    return (
      found ??
      this.#refuse(
        part.map.get(field, true),
        `${part.name}.${field}: there is no ${text}; known are ${names.join(', ')}`,
      )
    )
  }

  #refuse(node: unknown, what: string): never {
    const range = (node as { readonly range?: readonly number[] } | undefined | null)?.range
    const { line, col } = this.#lines.linePos(range?.[0] ?? 0)
    throw new ScenarioError(
      `The plan ${this.#file}, line ${line}, column ${col}: ${what}.\nA plan that is not understood would be carried out only in part.\nMend the plan; docs/sieve.md has what is understood of the format.`,
    )
  }
}
