/** The body of an HTTP request as text, bounded in size. */
import type { IncomingMessage } from 'node:http'
import type { Status } from '#api/status.ts'
import { badRequest, failure } from '#api/status-errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The text, or the Status of a body that is too large or no UTF-8. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | Status> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bytesMax) return tooLarge(bytesMax)
    chunks.push(chunk)
  }
  if (size === 0) return ''
  try {
    return decoder.decode(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
  } catch {
    return badRequest('the body of the request is not valid UTF-8')
  }
}

function tooLarge(bytesMax: number): Status {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bytesMax}`)
}
