/**
 * The file of `--persist`: JSON lines, a snapshot first, then a line a commit, written before its writer is answered.
 * A line that was cut off at the end (a kill while it was written) belongs to a write that nobody was told of.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { deepFreeze } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { tableOfState } from '#apiserver/custom-resource-definitions.ts'
import type { Change } from '#apiserver/request.ts'
import { type ApiState, applyChanges } from '#apiserver/state.ts'
import {
  type CounterRecord,
  counterRecord,
  type ObjectRecord,
  objectRecords,
  restoreState,
} from '#apiserver/stored-state.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'

const FORMAT = 'kamera-journal'
const VERSION = 1
/** A journal this long, and several times its snapshot, is written anew. */
const REWRITE_BYTES = 64 * 1024 * 1024

interface Head extends CounterRecord {
  readonly format: typeof FORMAT
  readonly version: number
  readonly objects: number
}

interface CommittedChange {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly revision: number
  /** Absent: removed. */
  readonly body?: KubernetesObject
}

export interface Journal {
  /** Writes the changes of one commit; when it returns, they survive the process. */
  append(records: readonly WatchRecord[], state: ApiState): void
  close(): void
}

/** Reads the state of a journal; undefined when there is none. Throws an Error that says what is wrong with the file. */
export function readJournal(file: string, table: ResourceTable, nowMs: number): ApiState | undefined {
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  if (text === '') return undefined
  const lines = text.split('\n')
  lines.pop() // Whole lines end with a newline: what is behind the last one was never finished.
  if (lines.length === 0) throw new Error(`${file} is no journal of kamera serve: it has no whole line`)
  const head = parseLine<Head>(file, lines, 0)
  if (head.format !== FORMAT) throw new Error(`${file} is no journal of kamera serve: its first line names no format`)
  if (head.version !== VERSION)
    throw new Error(`${file} has version ${head.version}; this kamera reads version ${VERSION}`)
  const records: ObjectRecord[] = []
  for (let i = 1; i <= head.objects; i++) records.push(parseLine<ObjectRecord>(file, lines, i))
  let state = restoreState(records, head, nowMs)
  for (let i = head.objects + 1; i < lines.length; i++) {
    state = replay(state, table, parseLine<readonly CommittedChange[]>(file, lines, i), `${file}:${i + 1}`)
  }
  return state
}

function parseLine<T>(file: string, lines: readonly string[], index: number): T {
  const text = lines[index]
  if (text === undefined) throw new Error(`${file} ends inside its snapshot, after line ${lines.length}`)
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Error(`${file}:${index + 1}: not JSON; the file was damaged`)
  }
}

function replay(state: ApiState, table: ResourceTable, changes: readonly CommittedChange[], place: string): ApiState {
  const served = tableOfState(table, state)
  return applyChanges(
    state,
    changes.map(({ key, namespace, name, revision, body }): Change => {
      const resource = resourceOfKey(served, key)
      if (resource === undefined) throw new Error(`${place}: nobody serves ${key}`)
      const before = state.get(resource, namespace, name)
      const after = body === undefined ? undefined : { body: deepFreeze(body), revision }
      return { resource, namespace, name, before, after, revision }
    }),
  )
}

function resourceOfKey(table: ResourceTable, key: string): ResourceInfo | undefined {
  return table.all.find((resource) => resource.key === key)
}

/** Opens the journal for appending, with `state` as its snapshot. The file is replaced at once, by renaming. */
export function openJournal(file: string, state: ApiState): Journal {
  let { descriptor, bytes } = writeSnapshot(file, state)
  let snapshotBytes = bytes
  return {
    append: (records, next) => {
      const line = `${JSON.stringify(records.map(committedChange))}\n`
      bytes += writeSync(descriptor, line)
      if (bytes < REWRITE_BYTES || bytes < 4 * snapshotBytes) return
      closeSync(descriptor)
      ;({ descriptor, bytes } = writeSnapshot(file, next))
      snapshotBytes = bytes
    },
    close: () => {
      fsyncSync(descriptor)
      closeSync(descriptor)
    },
  }
}

function writeSnapshot(file: string, state: ApiState): { descriptor: number; bytes: number } {
  const temporary = `${file}.new`
  rmSync(temporary, { force: true })
  const descriptor = openSync(temporary, 'a', 0o600)
  const records = [...objectRecords(state)]
  const head: Head = { format: FORMAT, version: VERSION, objects: records.length, ...counterRecord(state) }
  const bytes = writeSync(descriptor, [head, ...records].map((record) => `${JSON.stringify(record)}\n`).join(''))
  fsyncSync(descriptor)
  renameSync(temporary, file)
  return { descriptor, bytes }
}

function committedChange({ type, resource, object, revision }: WatchRecord): CommittedChange {
  const { namespace = '', name = '' } = object.metadata
  const change = { key: resource.key, namespace, name, revision }
  return type === 'DELETED' ? change : { ...change, body: object }
}
