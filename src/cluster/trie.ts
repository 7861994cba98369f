/**
 * The effect trie: per (controller, request, memory) a tree of API calls. A node is the call that the reconcile
 * makes there; an edge is what it may know of the answer; a leaf is how it ends. Walking it says what a reconcile
 * will do in a state without running any code; a miss runs the code once and extends it.
 *
 * The trie is right under two conditions, determinism and no hidden memory, which the audit checks.
 */
import type { Json } from '#api/object.ts'
import type { ExternalCall, HostCall, WriteCall } from '#controller/host.ts'
import type { ExternalSystem } from './external-systems.ts'
import type { Kind, Slot } from './tables.ts'

export interface TrieNode {
  /** Undefined as long as no code has run to here. */
  operation: Operation | undefined
  leaf: Leaf | undefined
  /** One child is by far the commonest case. */
  soleKey: number
  soleChild: TrieNode | undefined
  children: Map<number, TrieNode> | undefined
  /** Calls made together have the same number. */
  batch: number
  /** Whether a write lies on the way from the root. */
  readonly afterWrite: boolean
  readonly id: number
}

export interface Leaf {
  readonly type: 'done' | 'error'
  /** Milliseconds, or -1. */
  readonly requeueAfterMs: number
  readonly requeue: boolean
  readonly message: string
  readonly defect: boolean
  readonly site: string | undefined
  /** Memory id after the reconcile; 0: none declared. */
  readonly memory: number
}

export type Operation =
  | GetOperation
  | ListOperation
  | WriteOperation
  | NowOperation
  | RandomOperation
  | ExternalOperation
  | EventOperation

/** An operation that may change something: the search stops before it, and a crash may follow it. */
export type CommitOperation = WriteOperation | (ExternalOperation & { readonly mutates: true })

export function commits(operation: Operation | undefined): operation is CommitOperation {
  return operation?.op === 'write' || (operation?.op === 'external' && operation.mutates)
}

export interface GetOperation {
  readonly op: 'get'
  readonly id: number
  readonly cached: boolean
  readonly slot: Slot
  readonly call: HostCall
}

/** `kind` undefined lists every kind. */
export interface ListOperation {
  readonly op: 'list'
  readonly id: number
  readonly cached: boolean
  readonly kind: Kind | undefined
  readonly namespace: string
  readonly matches: ((version: number) => boolean) | undefined
  readonly call: HostCall
}

/** A write, its body a template: resourceVersions of earlier answers are stored as where they came from. */
export interface WriteOperation {
  readonly op: 'write'
  readonly id: number
  readonly call: WriteCall
  readonly kind: Kind
  /** Undefined for generateName and deletecollection. */
  readonly slot: Slot | undefined
  /** Index in the answers held of `metadata.resourceVersion` (or of the delete precondition); -1: a literal or none. */
  readonly revisionFrom: number
  /** Other places in the body with a resourceVersion of an earlier answer. */
  readonly references: readonly { readonly text: string; readonly from: number }[]
  /** What it does can be remembered. */
  readonly memoable: boolean
  /** What the write does, by what it depends on. */
  /** The effect met first, by far the commonest case, and the others. */
  readonly memo: WriteMemo
}

export interface NowOperation {
  readonly op: 'now'
  readonly id: number
}

export interface RandomOperation {
  readonly op: 'random'
  readonly id: number
  readonly what: 'number' | 'uuid' | 'bytes'
  readonly bytes: number
  readonly site: string | undefined
  /** Its place in the stream of its request. */
  readonly place: number
}

/** The oldest event of a request that handles events. */
export interface EventOperation {
  readonly op: 'event'
  readonly id: number
}

/** A call of an external system. `slot` holds the system's state. */
export interface ExternalOperation {
  readonly op: 'external'
  readonly id: number
  readonly call: ExternalCall
  readonly kind: Kind
  readonly slot: Slot
  readonly system: ExternalSystem
  /** Whether it may change the system (a method) or only looks (a query). */
  readonly mutates: boolean
}

export interface WriteMemo {
  key: number
  extra: string
  effect: WriteEffect | undefined
  others: Map<string, WriteEffect> | undefined
}

/** What a write does: the change it commits (none: a no-op or a failure) and what the caller is told. */
export interface WriteEffect {
  readonly changes: readonly EffectChange[]
  /** Trie edge: what the caller may know. */
  readonly key: number
  /** Slot and version answered; slot -1 for a failure or an answer without an object. */
  readonly slot: number
  readonly version: number
  readonly status: Json | undefined
  /** Part of a name counter that goes up by one; 0: none. */
  readonly nameCounter: number
}

export interface EffectChange {
  readonly slot: Slot
  readonly before: number
  readonly after: number
}

let nodesMade = 0

export function createNode(afterWrite: boolean): TrieNode {
  return {
    operation: undefined,
    leaf: undefined,
    soleKey: 0,
    soleChild: undefined,
    children: undefined,
    batch: 0,
    afterWrite,
    id: ++nodesMade,
  }
}

export function childOf(node: TrieNode, key: number): TrieNode | undefined {
  if (node.soleChild !== undefined && node.soleKey === key) return node.soleChild
  return node.children?.get(key)
}

export function addChild(node: TrieNode, key: number): TrieNode {
  const known = childOf(node, key)
  if (known !== undefined) return known
  const child = createNode(node.afterWrite || commits(node.operation))
  if (node.soleChild === undefined) {
    node.soleKey = key
    node.soleChild = child
  } else {
    if (node.children === undefined) node.children = new Map([[node.soleKey, node.soleChild]])
    node.children.set(key, child)
  }
  return child
}
