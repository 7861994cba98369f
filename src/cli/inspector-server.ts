/**
 * The web inspector alive: a page, the dump in the parts that the page asks for, and what happens meanwhile as
 * server-sent events. Only this machine can reach it, and only with the token that is in its URL.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ByteSource } from '#dump/read-dump.ts'
import { livePage } from './html-file.ts'
import { UsageError } from './usage-error.ts'

export interface InspectorServer {
  readonly url: string
  /** What pages show from now on, those that are open too. */
  show(source: ByteSource): void
  /** Told to every page, and to those that are opened later: the last event of a type, of `found` all of them. */
  tell(type: 'progress' | 'found' | 'end', data: unknown): void
  close(): Promise<void>
}

/** Most octets that one answer has: no page asks for more than a block of a dump. */
const PART_MAX = 64 * 1024 * 1024
const RANGE = /^bytes=(\d{1,15})-(\d{1,15})$/

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** @param port 0: any that is free. Throws a `UsageError` where it is taken. */
export async function serveInspector(port: number): Promise<InspectorServer> {
  const token = randomBytes(24).toString('base64url')
  const page = livePage()
  const listeners = new Set<ServerResponse>()
  const last = new Map<string, string>()
  const found: string[] = []
  let shown: { readonly version: number; readonly source: ByteSource } | undefined

  const send = (type: string, data: unknown): string => {
    const event = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    for (const listener of listeners) listener.write(event)
    return event
  }
  const listen = (response: ServerResponse): void => {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    response.write([...found, ...last.values()].join('') || ':\n\n')
    listeners.add(response)
    response.on('close', () => listeners.delete(response))
  }
  const part = async (request: IncomingMessage, response: ServerResponse, version: string | null): Promise<void> => {
    const [, from, to] = RANGE.exec(request.headers.range ?? '') ?? []
    const [start, end] = [Number(from), Number(to)]
    if (shown === undefined || version !== String(shown.version)) return refuse(response, 410)
    const length = end - start + 1
    if (!(length > 0 && length <= PART_MAX && end < shown.source.size)) return refuse(response, 416)
    const bytes = await shown.source.read(start, length)
    response.writeHead(206, {
      ...HEADERS,
      'content-type': 'application/octet-stream',
      'content-length': bytes.length,
      'content-range': `bytes ${start}-${end}/${shown.source.size}`,
    })
    response.end(bytes)
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.sendDate = false
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [, given = '', ...rest] = pathname.split('/')
    if (!isHere(request) || !isSame(given, token)) return refuse(response, 403)
    if (request.method !== 'GET') return refuse(response, 405)
    switch (rest.join('/')) {
      case '':
        response.writeHead(200, {
          ...HEADERS,
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': `${page.policy}; frame-ancestors 'none'`,
        })
        response.end(page.html)
        return
      case 'events':
        return listen(response)
      case 'dump':
        return part(request, response, searchParams.get('version'))
      default:
        return refuse(response, 404)
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(portError(port, cause)))
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}/`,
    show: (source) => {
      shown = { version: (shown?.version ?? 0) + 1, source }
      last.set('dump', send('dump', { version: shown.version, size: source.size, name: source.name }))
    },
    tell: (type, data) => {
      const event = send(type, data)
      if (type === 'found') found.push(event)
      else last.set(type, event)
    },
    close: () =>
      new Promise((resolve) => {
        for (const listener of listeners) listener.end()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A page elsewhere may have given its own name to this machine's address. */
function isHere({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')
}

function isSame(given: string, token: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(token)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain' })
  response.end(status === 403 ? 'The URL that kamera has printed opens this.\n' : `${status}\n`)
}

function portError(port: number, cause: NodeJS.ErrnoException): UsageError {
  return new UsageError({
    what: `The inspector cannot listen on port ${port}: ${cause.message}.`,
    why: 'Something else has the port, or it may not be used without rights.',
    fix: 'Leave --port out, and any free port is taken.',
    cause,
  })
}
