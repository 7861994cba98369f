/** An object store for tests: checks the signature of each request from what came over the wire, and keeps what is put. */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestObjectStore {
  readonly endpoint: string
  /** Contents by path, `/bucket/key`. */
  readonly objects: Map<string, string>
  /** Status for each of the next requests; 0 cuts the connection. */
  readonly failures: number[]
  /** What was wrong with requests. */
  readonly complaints: string[]
  close(): Promise<void>
}

export async function startObjectStore(key: {
  readonly id: string
  readonly secret: string
}): Promise<TestObjectStore> {
  const objects = new Map<string, string>()
  const failures: number[] = []
  const complaints: string[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    const failure = failures.shift()
    if (failure === 0) return void request.socket.destroy()
    const problem = problemOf(request, body, key)
    if (problem !== undefined) complaints.push(problem)
    const status = failure ?? (problem === undefined ? 200 : 403)
    if (status === 200) objects.set(decodeURIComponent(request.url ?? ''), body.toString())
    const code = status === 503 ? 'SlowDown' : 'SignatureDoesNotMatch'
    response.writeHead(status).end(status === 200 ? '' : `<Error><Code>${code}</Code></Error>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    failures,
    complaints,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function problemOf(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  key: { readonly id: string; readonly secret: string },
): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/s3\/aws4_request), SignedHeaders=([^,]+), Signature=(\w+)$/
  const [, id, scope = '', , names = '', signature] = pattern.exec(headers.authorization ?? '') ?? []
  if (id !== key.id) return 'no credential'
  const digest = createHash('sha256').update(body).digest('hex')
  if (headers['x-amz-content-sha256'] !== digest) return 'another body'
  for (const needed of ['host', 'x-amz-content-sha256', 'x-amz-date'])
    if (!names.split(';').includes(needed)) return `${needed} is not signed`
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = `${method}\n${url}\n\n${lines.join('')}\n${names}\n${digest}`
  const text = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
  let secret: Buffer = Buffer.from(`AWS4${key.secret}`)
  for (const part of scope.split('/')) secret = createHmac('sha256', secret).update(part).digest()
  return createHmac('sha256', secret).update(text).digest('hex') === signature ? undefined : 'another signature'
}
