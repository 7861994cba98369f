/** The body of an HTTP request as JSON text, bounded in size. */
import type { IncomingMessage } from 'node:http'
import { decodeProtobuf, ProtobufError } from '#api/protobuf/decode.ts'
import type { Status } from '#api/status.ts'
import { badRequest, failure } from '#api/status-errors.ts'

export interface RequestBody {
  readonly text: string
  readonly contentType: string
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** A body that is too large is read to its end up to this many times the limit: who still sends would miss the answer. */
const UNREAD_MAX = 8

/** The body, or the Status of one that is too large or cannot be read. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<RequestBody | Status> {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    return { text: '', contentType: headers['content-type'] ?? '' }
  const bytes = await readBytes(request, bytesMax)
  if (bytes === undefined) return tooLarge(bytesMax)
  const contentType = headers['content-type'] ?? (bytes.length === 0 ? '' : 'application/json')
  return contentType.startsWith(PROTOBUF) && bytes.length > 0 ? fromProtobuf(bytes) : fromText(bytes, contentType)
}

/** Undefined for more than `bytesMax`. By events: an iterator of the stream costs as much as deciding what is read. */
function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= bytesMax) chunks.push(chunk)
      else if (size > bytesMax * UNREAD_MAX) {
        resolve(undefined)
        request.destroy()
      }
    })
    request.once('end', () => {
      if (size > bytesMax) resolve(undefined)
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
    request.once('error', reject)
    request.once('close', () => reject(new Error('the client went away')))
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function fromText(bytes: Buffer, contentType: string): RequestBody | Status {
  try {
    return { text: decoder.decode(bytes), contentType }
  } catch {
    return badRequest('the body of the request is not valid UTF-8')
  }
}

function fromProtobuf(bytes: Buffer): RequestBody | Status {
  try {
    return { text: JSON.stringify(decodeProtobuf(bytes)), contentType: 'application/json' }
  } catch (error) {
    if (error instanceof ProtobufError) return badRequest(error.message)
    throw error
  }
}

function tooLarge(bytesMax: number): Status {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bytesMax}`)
}
