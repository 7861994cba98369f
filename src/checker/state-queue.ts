/**
 * The frontier: encoded states waiting to be expanded, in chunks of one typed array each, so that millions cost
 * their integers and nothing more. Taken from the front (breadth-first) or from the back (depth-first).
 */

const CHUNK = 1 << 16

export interface StateQueue {
  chunks: Int32Array[]
  /** Absolute positions in integers, from the first chunk still kept. */
  head: number
  tail: number
  /** Integers that have been dropped in front of `chunks[0]`. */
  dropped: number
  count: number
}

export function stateQueue(): StateQueue {
  return { chunks: [], head: 0, tail: 0, dropped: 0, count: 0 }
}

function write(queue: StateQueue, value: number): void {
  const offset = queue.tail - queue.dropped
  const chunk = offset >> 16
  if (chunk === queue.chunks.length) queue.chunks.push(new Int32Array(CHUNK))
  ;(queue.chunks[chunk] as Int32Array)[offset & (CHUNK - 1)] = value
  queue.tail++
}

function read(queue: StateQueue, position: number): number {
  const offset = position - queue.dropped
  return (queue.chunks[offset >> 16] as Int32Array)[offset & (CHUNK - 1)] as number
}

/** Appends an entry: its number and the encoded state (with its length before and after, to be read from both ends). */
export function enqueue(queue: StateQueue, entry: number, state: Int32Array, length: number): void {
  write(queue, length)
  write(queue, entry)
  for (let i = 0; i < length; i++) write(queue, state[i] as number)
  write(queue, length)
  queue.count++
}

export interface Taken {
  entry: number
  state: Int32Array
  length: number
}

/** Takes the oldest entry into `into`, whose array grows as needed. False when the queue is empty. */
export function takeFirst(queue: StateQueue, into: Taken): boolean {
  if (queue.count === 0) return false
  const length = read(queue, queue.head)
  copyOut(queue, queue.head, length, into)
  queue.head += length + 3
  queue.count--
  while (queue.head - queue.dropped >= CHUNK) {
    queue.chunks.shift()
    queue.dropped += CHUNK
  }
  return true
}

/** Takes the newest entry into `into`. False when the queue is empty. */
export function takeLast(queue: StateQueue, into: Taken): boolean {
  if (queue.count === 0) return false
  const length = read(queue, queue.tail - 1)
  const start = queue.tail - length - 3
  copyOut(queue, start, length, into)
  queue.tail = start
  queue.count--
  const needed = ((queue.tail - queue.dropped) >> 16) + 1
  if (queue.chunks.length > needed + 1) queue.chunks.length = needed + 1
  return true
}

/** Places of the entries on the queue, from the front, for `copyAt`. They hold until something is taken. */
export function placesOf(queue: StateQueue): Float64Array {
  const places = new Float64Array(queue.count)
  let place = queue.head
  for (let i = 0; i < queue.count; i++) {
    places[i] = place
    place += read(queue, place) + 3
  }
  return places
}

/** The entries on the queue, from the front. */
export function entriesOn(queue: StateQueue): readonly number[] {
  return Array.from(placesOf(queue), (place) => read(queue, place + 1))
}

/** Copies the entry at a place into `into`; it stays on the queue. */
export function copyAt(queue: StateQueue, place: number, into: Taken): void {
  copyOut(queue, place, read(queue, place), into)
}

function copyOut(queue: StateQueue, start: number, length: number, into: Taken): void {
  if (into.state.length < length) into.state = new Int32Array(length + 32)
  into.entry = read(queue, start + 1)
  into.length = length
  for (let i = 0; i < length; i++) into.state[i] = read(queue, start + 2 + i)
}
