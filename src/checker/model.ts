/**
 * What the checker needs to know of a system. A state is an array of 32-bit integers whose meaning is the model's;
 * the model owns the scratch memory of the state being expanded and of the successor being computed.
 *
 * Models may need to run code that answers later: then a call returns `NEEDS_CODE`, the search awaits `resolve()`
 * and repeats the call. Everything else is synchronous.
 */
import type { BudgetVector } from './budget.ts'

export const NEEDS_CODE = -1

/** What a transition was, for liveness; bits of `Successor.flags`. */
export const WROTE = 1
/** A request of the class failed. */
export const FAILED = 2
/** Never assumed to be fair, and no part of a cycle: faults, user actions, the environment. */
export const UNFAIR = 4
/** Takes a timer of a second or more. */
export const LONG_TIMER = 8

/** The successor computed last by `take`. Valid until the next call of the model. */
export interface Successor {
  state: Int32Array
  length: number
  /** 64-bit fingerprint of the state's canonical form. */
  high: number
  low: number
  flags: number
  /** Weak-fairness class of the action: a class enabled for ever must be taken. */
  fairClass: number
  /** The step met a bound of the model (not of the search): the successor is not to be explored, the path is cut. */
  cut: boolean
  /** Somebody has something to say of the transition itself: `SearchOptions.flagged` is called for it. */
  flagged: boolean
}

export interface Model {
  /** The initial state, encoded. */
  initial(): Promise<Int32Array>
  /** Fingerprint of an encoded state, into `next.high` and `next.low`. */
  fingerprint(state: Int32Array, length: number): void
  /** Loads a state and lists the actions that `remaining` can pay, in a fixed order. Their number, or NEEDS_CODE. */
  enable(state: Int32Array, length: number, remaining: BudgetVector): number | typeof NEEDS_CODE
  /** What action `i` of the state just enabled costs; 0 when it is free. */
  cost(action: number): BudgetVector
  /**
   * Who takes action `i` of the state just enabled: the thread of a concurrent program. Walks with priorities give
   * them to agents.
   */
  agent(action: number): number
  /** What must be left for action `i` to be there, where that is more than what it costs. */
  needs?(action: number): BudgetVector
  /** Computes successor `i` of the state just enabled into `next`. False: NEEDS_CODE. */
  take(action: number): boolean
  /** Makes the code run that the last NEEDS_CODE asked for. */
  resolve(): Promise<void>
  readonly next: Successor
}
