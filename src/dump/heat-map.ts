/** The heat map of a search: its states by the action that first led to them and by depth, the action taken most first. */
import type { StoredGraph } from './format.ts'

export interface HeatRow {
  readonly title: string
  /** Transitions that it is. */
  readonly taken: number
  /** States a column of depths. */
  readonly states: readonly number[]
}

export interface HeatMap {
  readonly rows: readonly HeatRow[]
  /** The first depth of each column. */
  readonly depths: readonly number[]
  /** States of the hottest cell, at least 1. */
  readonly most: number
}

export function heatMapOf({ actions, firstMet, depthStep }: StoredGraph): HeatMap {
  const rows = actions
    .map(({ title, taken }, action) => ({ title, taken, states: firstMet[action] ?? [] }))
    .sort((a, b) => b.taken - a.taken)
  return {
    rows,
    depths: (firstMet[0] ?? []).map((_, column) => column * depthStep),
    most: firstMet.reduce((high, row) => row.reduce((a, b) => Math.max(a, b), high), 1),
  }
}

/** 0 (no states) to 4 (the most), by orders of magnitude. */
export function heatOf(states: number, most: number): 0 | 1 | 2 | 3 | 4 {
  return states === 0 ? 0 : ((1 + Math.floor((3 * Math.log(states + 1)) / Math.log(most + 1))) as 1 | 2 | 3 | 4)
}
