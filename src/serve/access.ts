/** Who may ask: a bearer token when there is one, and, on loopback, only requests that mean this machine. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Status } from '#api/status.ts'
import { failure } from '#api/status-errors.ts'

/** The 401 of a request without the token; undefined when it may go on. */
export function bearerFault(token: string | undefined, request: IncomingMessage): Status | undefined {
  if (token === undefined) return undefined
  const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return undefined
  return failure(401, 'Unauthorized', 'Unauthorized')
}

/** Digests have one length, so comparing them tells nothing of the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const LOOPBACK_HOST = /^(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$/i

/**
 * The 403 of a request that names another host: a web page whose name was made to resolve to this machine (DNS
 * rebinding) sends its own name, and must not reach a server that asks for no token.
 */
export function hostFault(request: IncomingMessage): Status | undefined {
  const { host } = request.headers
  if (host === undefined || LOOPBACK_HOST.test(host)) return undefined
  return failure(
    403,
    'Forbidden',
    `forbidden: the host ${JSON.stringify(host.slice(0, 200))} is not this machine; use --token to serve other names`,
  )
}
