/**
 * A recording in an object store that speaks S3. What is stored cannot be appended to, so a recording is a row of
 * objects, each with a header of its own: `traces/run.000001.jsonl`, `traces/run.000002.jsonl`.
 */
import type { RecordedTraceHeader } from '#trace/trace-event.ts'
import { createSink, type Destination, type EventSink, WAITING_BYTES_MAX } from '../event-sink.ts'
import { accessKeyOf } from './shared-credentials.ts'
import { type AccessKey, escapedPath, signedHeaders } from './signature-v4.ts'

export interface ObjectStore {
  readonly bucket: string
  /** The key that was asked for. */
  readonly key: string
  /** Where the store is; the bucket is the first part of the path. */
  readonly endpoint: URL
  readonly region: string
  readonly accessKey: AccessKey
}

export interface ObjectStoreOptions {
  /** Bytes that may wait, roughly. Default 64 MiB. */
  readonly waitingBytesMax?: number
  /** An object is stored after this time … Default 10 s. */
  readonly gatherMs?: number
  /** … or when so much waits. Default 8 MiB. */
  readonly gatherBytes?: number
  /** Told when the store cannot be reached, once until it can, and when nothing more can be stored. */
  readonly onFault: (message: string) => void
}

const GATHER_MS = 10_000
const GATHER_BYTES = 8 * 1024 * 1024
const ANSWER_MS = 60_000
const PAUSE_MS = 250
const PAUSE_MS_MAX = 30_000
/** How often an object is tried once the recording ends. */
const LAST_TRIES = 3

/**
 * Reads `s3://BUCKET/KEY`. The rest is where other programs have it, too: credentials as `accessKeyOf` says,
 * `AWS_REGION` or `AWS_DEFAULT_REGION`, and `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` for stores other than Amazon's. A
 * KEY that is absent or ends with `/` is a folder for recordings.
 *
 * @throws Error where something is missing; it holds no credentials
 */
export function objectStoreOf(place: string, environment: Readonly<Record<string, string | undefined>>): ObjectStore {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(place) ?? []
  if (bucket === undefined) throw new Error(`${place} is no place in an object store: write s3://BUCKET/KEY.jsonl`)
  if (key.split('/').some((part) => part === '.' || part === '..'))
    throw new Error(`${place} has a part . or .., which servers resolve: leave it out`)
  const accessKey = accessKeyOf(environment)
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1'
  const given = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL']
  const endpoint = URL.canParse(given ?? '') ? new URL(given as string) : undefined
  if (given && !(endpoint && /^https?:$/.test(endpoint.protocol) && endpoint.username === '' && endpoint.search === ''))
    throw new Error('the endpoint of the object store, AWS_ENDPOINT_URL, is no plain http or https URL')
  return {
    bucket,
    key,
    endpoint: endpoint ?? new URL(`https://s3.${encodeURIComponent(region)}.amazonaws.com`),
    region,
    accessKey,
  }
}

export function openObjectStoreSink(
  store: ObjectStore,
  options: ObjectStoreOptions,
  header: (part: number) => RecordedTraceHeader,
): EventSink {
  const { gatherMs = GATHER_MS, waitingBytesMax = WAITING_BYTES_MAX, onFault } = options
  // While one object is stored, the next one has room.
  const gatherBytes = Math.min(options.gatherBytes ?? GATHER_BYTES, waitingBytesMax / 2)
  const ending = new AbortController()
  let part = 0
  const destination: Destination = {
    gather: { milliseconds: gatherMs, bytes: gatherBytes },
    async write(lines) {
      part += 1
      const first = header(part)
      const body = Buffer.from(`${JSON.stringify(first)}\n${lines}`)
      try {
        await put(store, partKey(store.key, first), body, { ending: ending.signal, onFault })
      } catch (error) {
        onFault(`the trace cannot be written to s3://${store.bucket}/${store.key}: ${(error as Error).message}`)
        throw error
      }
    },
    hurry: () => ending.abort(),
    close: async () => {},
  }
  return createSink(waitingBytesMax, destination)
}

/** Sorted by name the parts are in order. */
function partKey(key: string, { recording, part }: RecordedTraceHeader): string {
  const file = key === '' || key.endsWith('/') ? `${key}${recording}.jsonl` : key
  const [, stem = file, suffix = ''] = /^(.*?)(\.[^./]+)?$/s.exec(file) ?? []
  return `${stem}.${String(part).padStart(6, '0')}${suffix}`
}

/**
 * Stores an object, and tries again while the store cannot be reached or is overloaded: meanwhile events wait, up to the
 * bound of the sink. Rejects with an Error where trying again is of no use, or when the recording ends meanwhile.
 */
async function put(
  store: ObjectStore,
  key: string,
  body: Buffer,
  { ending, onFault }: { readonly ending: AbortSignal; readonly onFault: (message: string) => void },
): Promise<void> {
  const { endpoint, bucket, region, accessKey } = store
  const url = new URL(endpoint)
  url.pathname = `${endpoint.pathname.replace(/\/$/, '')}/${bucket}/${escapedPath(key)}`
  let last = LAST_TRIES
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    const request = { method: 'PUT', url, body, headers: { 'content-type': 'application/jsonl' } }
    const headers = signedHeaders(request, accessKey, region, Date.now())
    const failure = await sent(url, headers, body)
    if (failure === undefined) return
    if (!failure.passes || (ending.aborted && --last === 0)) throw new Error(failure.message)
    if (pause === PAUSE_MS) onFault(`${failure.message}; it is tried again, and what has no room meanwhile is counted`)
    await waited(ending.aborted ? PAUSE_MS : pause, ending)
  }
}

interface Failure {
  readonly message: string
  /** Whether trying again may help. */
  readonly passes: boolean
}

/** Undefined: it was stored. */
async function sent(url: URL, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Failure | undefined> {
  try {
    // A redirection would take the signature to whom it was not made for.
    const redirect = 'manual'
    const response = await fetch(url, {
      method: 'PUT',
      headers,
      body,
      redirect,
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const text = await response.text()
    if (response.ok) return undefined
    const [, code = ''] = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text) ?? []
    const { status } = response
    const passes = status === 408 || status === 429 || status >= 500
    return { message: `the object store answered ${`${status} ${code}`.trim()}`, passes }
  } catch (error) {
    const { cause, message } = error as Error
    return {
      message: `the object store cannot be reached: ${(cause as Error | undefined)?.message ?? message}`,
      passes: true,
    }
  }
}

/** Waits, but no longer than until the signal; a program that has nothing else to do is not kept from ending. */
function waited(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    if (signal.aborted) return
    timer.unref()
    signal.addEventListener('abort', end)
  })
}
