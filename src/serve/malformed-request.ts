/**
 * The answer to bytes that are no HTTP request. As Go's server does, it reads on for a moment before the connection
 * goes: who is still sending would otherwise be cut off before the answer has reached it.
 * Source: net/http/server.go (badRequestError, rstAvoidanceDelay).
 */
import type { Duplex } from 'node:stream'

const READ_ON_MS = 500

const refused = new WeakSet<Duplex>()

/** A listener for `clientError` of node's HTTP servers. */
export function refuseMalformed(error: Error & { readonly code?: string }, socket: Duplex): void {
  // The parser goes on complaining of every piece that follows.
  if (refused.has(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  refused.add(socket)
  const [code, text] = ANSWERS[error.code ?? ''] ?? BAD_REQUEST
  const lines = [`HTTP/1.1 ${code} ${text}`, 'Content-Type: text/plain; charset=utf-8', 'Connection: close']
  socket.end(`${lines.join('\r\n')}\r\n\r\n${code} ${text}`)
  socket.removeAllListeners('data')
  socket.on('error', () => socket.destroy())
  socket.resume()
  setTimeout(() => socket.destroy(), READ_ON_MS).unref()
}

const BAD_REQUEST = [400, 'Bad Request'] as const
const ANSWERS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
