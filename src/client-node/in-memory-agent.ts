/**
 * An agent for node's HTTP client whose connections end in this process: pairs of streams, no socket and no port. It is
 * for what client-node sends by node-fetch: watches, logs, metrics.
 */
import { Agent, createServer, type RequestListener } from 'node:http'
import { Duplex } from 'node:stream'
import { type AnswerRest, restRequestOf } from './rest-answer.ts'

/** One end of a connection; what is written to it can be read from the other. */
class End extends Duplex {
  other: End | undefined
  private wanted: (() => void) | undefined

  override _read(): void {
    const wanted = this.wanted
    this.wanted = undefined
    wanted?.()
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const other = this.other as End
    if (chunk.length === 0 || other.push(chunk)) done()
    else other.wanted = done
  }
  override _final(done: () => void): void {
    this.other?.push(null)
    done()
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this
    this.other = undefined
    // The other end learns of it later, as over a network.
    if (other !== undefined && !other.destroyed) process.nextTick(() => other.destroy())
    done(error)
  }

  // What programs ask of sockets.
  setKeepAlive(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

/** Ends of a connection. */
function connection(): readonly [End, End] {
  const ends = [new End({ allowHalfOpen: true }), new End({ allowHalfOpen: true })] as const
  ends[0].other = ends[1]
  ends[1].other = ends[0]
  return ends
}

/** Answers requests over a connection. */
export function listenerOver(answer: AnswerRest): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const { method = 'GET', url = '/', headers } = request
      const body = Buffer.concat(chunks).toString('utf8')
      answer(restRequestOf({ method, url, body }, headers)).then(
        (answered) => {
          response.writeHead(answered.code, { ...answered.headers, 'content-length': Buffer.byteLength(answered.text) })
          response.end(answered.text)
        },
        () => response.destroy(),
      )
    })
  }
}

/** An agent whose requests `listener` gets. */
export function inMemoryAgent(listener: RequestListener): Agent {
  const server = createServer(listener)
  class InMemoryAgent extends Agent {
    createConnection(): End {
      const [client, far] = connection()
      server.emit('connection', far)
      return client
    }
  }
  return new InMemoryAgent()
}
