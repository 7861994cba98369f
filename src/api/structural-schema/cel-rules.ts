/**
 * The rules of a schema (`x-kubernetes-validations`): compiled once, evaluated on every write of an object. The cost
 * of a rule is bounded by the number of its loops over the largest list or map of the object.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/cel/{compilation,validation}.go.
 */
import { type ASTNode, Optional, type ParseResult } from '@marcbachmann/cel-js'
import { equalJson } from '../equal.ts'
import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../field-errors.ts'
import { type CelType, celTypeOf } from './cel-values.ts'
import {
  additionalSchema,
  type Fields,
  isFields,
  type JsonSchema,
  someSchema,
  type ValidationRule,
} from './json-schema.ts'
import { kubernetesEnvironment, withLinearRegex } from './kubernetes-cel-library.ts'

interface CompiledRule {
  readonly source: ValidationRule
  readonly evaluate: ParseResult
  readonly message: ParseResult | undefined
  readonly usesOldSelf: boolean
  /** Loops within loops. */
  readonly loopDepth: number
}

interface RuleNode {
  readonly schema: JsonSchema
  readonly type: CelType
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly values: RuleNode | undefined
  readonly items: RuleNode | undefined
}

export interface CompiledRules {
  /** Whether any rule compares with the former object: then a write that changes nothing can fail too. */
  readonly hasTransitions: boolean
  readonly evaluate: (object: Fields, old: Fields | undefined) => readonly FieldError[]
}

/** The rules of a schema; undefined when it has none. Rules that do not compile are left out: `ruleFaults` names them. */
export function compileRules(schema: JsonSchema): CompiledRules | undefined {
  if (!hasRules(schema)) return undefined
  const root = compileNode(schema, [])
  if (root === undefined) return undefined
  return {
    hasTransitions: someNode(root, (node) => node.rules.some((rule) => rule.usesOldSelf)),
    evaluate: (object, old) => {
      const evaluation: Evaluation = { errors: [], costLeft: COST_MAX, largest: largestCollection(object, old) }
      evaluateNode(root, { value: object, old, path: '', unchanged: false }, evaluation)
      return evaluation.errors
    },
  }
}

/** Rules of the schema that do not compile, with their place below `at`. The schema has no other faults. */
export function ruleFaults(schema: JsonSchema, at: string): readonly FieldError[] {
  if (!hasRules(schema)) return []
  const faults: FieldError[] = []
  compileNode(schema, faults, at)
  return faults
}

function hasRules(schema: JsonSchema): boolean {
  return someSchema(schema, (node) => (node['x-kubernetes-validations'] ?? []).length > 0)
}

function someNode(node: RuleNode, condition: (node: RuleNode) => boolean): boolean {
  const below = [...node.properties.values(), node.values, node.items]
  return condition(node) || below.some((child) => child !== undefined && someNode(child, condition))
}

interface Compilation {
  readonly faults: FieldError[]
  /** The environment's types are named by their path, which must be unique. */
  readonly at: string
  readonly isResource: boolean
  /** The list above whose elements cannot be told apart between the old and the new object. */
  readonly uncorrelated: string | undefined
}

function compileNode(schema: JsonSchema, faults: FieldError[], at = 'openAPIV3Schema'): RuleNode | undefined {
  return nodeOf(schema, { faults, at, isResource: true, uncorrelated: undefined })
}

function nodeOf(schema: JsonSchema, compilation: Compilation): RuleNode | undefined {
  const { at, faults } = compilation
  if (!hasRules(schema)) return undefined
  const child = (below: JsonSchema, place: string, uncorrelated = compilation.uncorrelated): RuleNode | undefined => {
    const isResource = below['x-kubernetes-embedded-resource'] === true
    return nodeOf(below, { faults, at: `${at}.${place}`, isResource, uncorrelated })
  }
  const properties = new Map<string, RuleNode>()
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const node = child(property, `properties[${key}]`)
    if (node !== undefined) properties.set(key, node)
  }
  const values = additionalSchema(schema)
  const environment = kubernetesEnvironment()
  const type = celTypeOf(environment, schema, 'Object', compilation.isResource)
  if (type === undefined) return undefined
  environment.registerVariable('self', type.name)
  const plain = environment.clone().registerVariable('oldSelf', type.name)
  const optional = environment.clone().registerVariable('oldSelf', `optional<${type.name}>`)
  const rules: CompiledRule[] = []
  const sources = schema['x-kubernetes-validations'] ?? []
  sources.forEach((source, index) => {
    const field = `${at}.x-kubernetes-validations[${index}]`
    const used = source.optionalOldSelf === true ? optional : plain
    const rule = compileExpression(used, source.rule, 'bool')
    if (typeof rule === 'string') {
      faults.push(fieldInvalid(`${field}.rule`, source, `compilation failed: ${rule}`))
      return
    }
    const message = source.messageExpression ? compileExpression(used, source.messageExpression, 'string') : undefined
    if (typeof message === 'string') {
      faults.push(
        fieldInvalid(`${field}.messageExpression`, source, `messageExpression compilation failed: ${message}`),
      )
      return
    }
    const usesOldSelf = names(rule.ast, 'oldSelf')
    if (usesOldSelf && compilation.uncorrelated !== undefined) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${compilation.uncorrelated}`
      faults.push(fieldInvalid(`${field}.rule`, source.rule, why))
    } else if (!usesOldSelf && source.optionalOldSelf !== undefined) {
      const why = 'may not be set if oldSelf is not used in rule'
      faults.push(fieldInvalid(`${field}.optionalOldSelf`, source.optionalOldSelf, why))
    }
    rules.push({ source, evaluate: rule, message, usesOldSelf, loopDepth: loopDepth(rule.ast) })
  })
  const isMap = schema['x-kubernetes-list-type'] === 'map'
  const { items } = schema
  return {
    schema,
    type,
    rules,
    properties,
    values: values === undefined ? undefined : child(values, 'additionalProperties'),
    items: items === undefined ? undefined : child(items, 'items', isMap ? compilation.uncorrelated : at),
  }
}

type Environment = ReturnType<typeof kubernetesEnvironment>

/** The expression ready to run, or what is wrong with it. */
function compileExpression(environment: Environment, expression: string, wanted: string): ParseResult | string {
  try {
    const parsed = environment.parse(withLinearRegex(expression.trim()))
    const checked = parsed.check()
    if (!checked.valid) return checked.error?.message ?? 'invalid expression'
    if (checked.type !== wanted && checked.type !== 'dyn') return `cel expression must evaluate to a ${wanted}`
    return parsed
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Nodes of a syntax tree, by what their `args` hold. */
function childNodes(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = []
  const look = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(look)
    else if (part !== null && typeof part === 'object' && 'op' in part && 'args' in part) found.push(part as ASTNode)
  }
  look(node.args)
  return found
}

function names(node: ASTNode, variable: string): boolean {
  return (node.op === 'id' && node.args === variable) || childNodes(node).some((child) => names(child, variable))
}

const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])

function loopDepth(node: ASTNode): number {
  const below = Math.max(0, ...childNodes(node).map(loopDepth))
  return node.op === 'rcall' && LOOPS.has((node.args as readonly unknown[])[0] as string) ? below + 1 : below
}

/** Steps that one write may take; upstream's budget is in other units, of about a second too. */
const COST_MAX = 1_000_000

interface Evaluation {
  readonly errors: FieldError[]
  costLeft: number
  readonly largest: number
}

/** The greatest number of elements, or characters, that one loop can see. */
function largestCollection(...values: readonly unknown[]): number {
  let largest = 1
  const look = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
    largest = Math.max(largest, parts.length)
    parts.forEach(look)
  }
  values.forEach(look)
  return largest
}

interface Visit {
  readonly value: unknown
  readonly old: unknown
  readonly path: string
  /** Whether this part, or one that it is in, equals its former state. */
  readonly unchanged: boolean
}

function evaluateNode(node: RuleNode, visit: Visit, evaluation: Evaluation): void {
  const { value, old, path } = visit
  if (value === null || value === undefined || evaluation.costLeft < 0) return
  const unchanged = visit.unchanged || (old !== undefined && equalJson(value, old))
  if (node.rules.length > 0) evaluateRules(node, { ...visit, unchanged }, evaluation)
  if (Array.isArray(value)) {
    if (node.items === undefined) return
    const keys = node.schema['x-kubernetes-list-type'] === 'map' ? node.schema['x-kubernetes-list-map-keys'] : undefined
    const former = keys !== undefined && Array.isArray(old) ? (old as readonly unknown[]) : []
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      const before = former.find(
        (other) => isFields(other) && isFields(item) && keys?.every((key) => equalJson(other[key], item[key])),
      )
      evaluateNode(node.items, { value: item, old: before, path: `${path}[${index}]`, unchanged }, evaluation)
    }
    return
  }
  if (!isFields(value)) return
  const former = isFields(old) ? old : undefined
  for (const key of Object.keys(value)) {
    const property = node.properties.get(key)
    const below = property ?? node.values
    if (below === undefined) continue
    const at = property === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    evaluateNode(below, { value: value[key], old: former?.[key], path: at, unchanged }, evaluation)
  }
}

function evaluateRules(node: RuleNode, { value, old, path, unchanged }: Visit, evaluation: Evaluation): void {
  let self: unknown
  const hasOld = old !== undefined && old !== null
  for (const rule of node.rules) {
    if (rule.usesOldSelf ? !hasOld && rule.source.optionalOldSelf !== true : unchanged) continue
    const field = path === '' ? '<nil>' : path
    evaluation.costLeft -= evaluation.largest ** rule.loopDepth
    if (evaluation.costLeft < 0) {
      const why = 'validation failed due to running out of cost budget, no further validation rules will be run'
      evaluation.errors.push(fieldInvalid(field, node.schema.type, why))
      return
    }
    try {
      self ??= node.type.toCel(value)
      const oldSelf = hasOld ? node.type.toCel(old) : undefined
      const variables =
        rule.source.optionalOldSelf === true
          ? { self, oldSelf: hasOld ? Optional.of(oldSelf) : Optional.none() }
          : { self, ...(hasOld ? { oldSelf } : {}) }
      if (rule.evaluate(variables) !== true) evaluation.errors.push(ruleError(rule, node, { value, path, variables }))
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
      evaluation.errors.push(fieldInvalid(field, node.schema.type, `${why} evaluating rule: ${ruleName(rule.source)}`))
    }
  }
}

function ruleName({ message, rule }: ValidationRule): string {
  return message ? message.trim() : rule.trim()
}

const MESSAGE_LENGTH_MAX = 5 * 1024

interface Failure {
  readonly value: unknown
  readonly path: string
  readonly variables: object
}

function ruleError(rule: CompiledRule, node: RuleNode, { value, path, variables }: Failure): FieldError {
  const { message, rule: text, reason, fieldPath } = rule.source
  const detail = evaluateMessage(rule, variables) ?? (message ? message.trim() : `failed rule: ${text.trim()}`)
  const field = childPath(path, fieldPath)
  switch (reason) {
    case 'FieldValueForbidden':
      return fieldForbidden(field, detail)
    case 'FieldValueRequired':
      return fieldRequired(field, detail)
    case 'FieldValueDuplicate':
      return fieldDuplicate(field, value)
    default: {
      const isOmitted = node.schema.type === 'object' || node.schema.type === 'array'
      return isOmitted
        ? { reason: 'FieldValueInvalid', message: `Invalid value: ${detail}`, field }
        : fieldInvalid(field, value, detail)
    }
  }
}

/** Undefined for a message expression that fails, or that makes no good message. */
function evaluateMessage(rule: CompiledRule, variables: object): string | undefined {
  if (rule.message === undefined) return undefined
  try {
    const text: unknown = rule.message(variables)
    if (typeof text !== 'string' || text.trim() === '' || text.length > MESSAGE_LENGTH_MAX || text.includes('\n'))
      return undefined
    return text.trim()
  } catch {
    return undefined
  }
}

/** `.a['b']` below a path; the root itself is `<nil>`. */
function childPath(path: string, fieldPath: string | undefined): string {
  const relative = (fieldPath ?? '').trim().replace(/\['((?:[^'\\]|\\.)*)'\]/g, '[$1]')
  if (relative === '') return path === '' ? '<nil>' : path
  return path === '' ? relative.replace(/^\./, '') : `${path}${relative}`
}
