/**
 * Finds out what a run waits for, by running its code once more with the answers it got, this time noting where every
 * resource and promise was made. Too slow for every run, and only needed when one cannot go on.
 */
import { createHook } from 'node:async_hooks'
import { currentSite } from './call-site.ts'

/** What is waited for, in words, and the line of the user's code. */
export interface Wait {
  readonly what: string
  readonly site?: string
}

/** Notes what is made between `start` and `stop`. */
export interface WaitObserver {
  start(): void
  /** The latest thing made by user code that has not come to an end. */
  stop(): Wait
}

const ignored = new Set(['TickObject', 'Microtask', 'Immediate', 'RANDOMBYTESREQUEST'])

interface Pending {
  readonly type: string
  readonly site: string
}

export function createWaitObserver(): WaitObserver {
  const promises = new Map<number, Pending>()
  const resources = new Map<number, Pending>()
  const hook = createHook({
    init(id, type) {
      if (ignored.has(type)) return
      const site = currentSite()
      if (site !== undefined) (type === 'PROMISE' ? promises : resources).set(id, { type, site })
    },
    promiseResolve(id) {
      promises.delete(id)
    },
    destroy(id) {
      resources.delete(id)
    },
  })
  return {
    start: () => void hook.enable(),
    stop() {
      hook.disable()
      const resource = [...resources.values()].at(-1)
      if (resource !== undefined) return { what: describe(resource.type), site: resource.site }
      const promise = [...promises.values()].at(-1)
      const what = 'something outside the cluster, or for a promise that nothing settles,'
      return promise === undefined ? { what } : { what, site: promise.site }
    },
  }
}

/** Names of Node's asynchronous resources: https://nodejs.org/api/async_hooks.html#type */
function describe(type: string): string {
  if (/^FS|FILEHANDLE/.test(type)) return 'a file'
  if (/TCP|TLS|HTTP|GETADDRINFO|GETNAMEINFO|UDP|PIPE|QUERYWRAP|STREAM/.test(type))
    return 'the network or another process'
  if (/PROCESSWRAP/.test(type)) return 'another process'
  if (/WORKER|MESSAGEPORT/.test(type)) return 'a worker thread'
  if (type === 'Timeout') return 'a real timer (setTimeout was kept before kamera replaced it)'
  return `something outside the cluster (${type})`
}
