/**
 * Ends code that does not come back. A thread looks at the progress of the run; when there is none for too long, it
 * pauses the main thread through the inspector, notes where it is, and terminates what runs there. The main thread
 * goes on with its next task: it is told the site in a message.
 */
import { url as inspectorUrl } from 'node:inspector'
import { findSourceMap } from 'node:module'
import { isMainThread, Worker } from 'node:worker_threads'
import { fileOf } from './call-site.ts'
import { progress } from './run.ts'

/** Called when a run's code was terminated, with the run's serial and the line it was at. */
export type OnLoop = (serial: number, site: string | undefined) => void

interface Frame {
  readonly url: string
  readonly line: number
  readonly column: number
}

interface LoopMessage {
  readonly serial: number
  readonly frames: readonly Frame[]
}

let started = false

/**
 * Starts the thread, once; the first limit given counts for all. Only the main thread can be watched: whoever starts
 * hosts in worker threads has to watch over them. A program in a debugger is left alone.
 */
export function watchForLoops(limitMs: number, onLoop: OnLoop): void {
  if (started || !isMainThread) return
  started = true
  if (inspectorUrl() !== undefined) return
  const worker = new Worker(source, {
    eval: true,
    workerData: { shared: progress.buffer, limitMs },
    stdout: false,
    env: {},
    execArgv: [],
  })
  worker.on('message', ({ serial, frames }: LoopMessage) => {
    const frame = frames.find(({ url }) => fileOf(url) !== undefined)
    onLoop(serial, frame === undefined ? undefined : siteOf(frame))
  })
  worker.on('error', () => {})
  worker.unref()
  process.on('beforeExit', awaitMessage)
}

/** The inspector gives places in the JavaScript that runs; of TypeScript they are mapped back, as in stacks. */
function siteOf({ url, line, column }: Frame): string {
  const found = findSourceMap(url)?.findEntry(line - 1, column - 1)
  const isMapped = found !== undefined && 'originalLine' in found
  return `${fileOf(url)}:${isMapped ? `${found.originalLine + 1}:${found.originalColumn + 1}` : `${line}:${column}`}`
}

const realSetTimeout = setTimeout

/** After its code was terminated nothing keeps the process alive until the message about it has come. */
function awaitMessage(): void {
  if (progress[0] !== 0) realSetTimeout(() => {}, 20)
}

/** Plain JavaScript text, because a worker cannot load TypeScript everywhere that its parent can. It counts its own
 *  turns instead of reading a clock: a suspended machine makes no turns. */
const source = `
const { workerData, parentPort } = require('node:worker_threads')
const { Session } = require('node:inspector')
const progress = new Int32Array(workerData.shared)
const turnMs = Math.max(10, Math.min(500, workerData.limitMs / 10))
const turnsMax = Math.ceil(workerData.limitMs / turnMs)
let serial = 0, calls = 0, turns = 0, busy = false

setInterval(() => {
  if (progress[0] === 0 || progress[0] !== serial || progress[1] !== calls) {
    serial = progress[0]
    calls = progress[1]
    turns = 0
    return
  }
  turns += 1
  if (turns >= turnsMax && !busy) interrupt()
}, turnMs)

function interrupt() {
  busy = true
  const stuck = serial
  const session = new Session()
  const urls = new Map()
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => {
    // It may have come back in the meantime: then this is not its code, and must not be ended.
    if (progress[0] !== stuck) return finish(session, () => {})
    const frames = params.callFrames.map(({ location, url }) => ({
      url: url || urls.get(location.scriptId) || '',
      line: location.lineNumber + 1,
      column: location.columnNumber + 1,
    }))
    progress[2] = stuck
    session.post('Runtime.terminateExecution')
    finish(session, () => parentPort.postMessage({ serial: stuck, frames }))
  })
  session.post('Debugger.enable', () => session.post('Debugger.pause'))
}

function finish(session, then) {
  session.post('Debugger.resume')
  session.post('Debugger.disable', () => {
    session.disconnect()
    busy = false
    turns = 0
    then()
  })
}
`
