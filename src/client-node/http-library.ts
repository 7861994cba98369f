/**
 * The `httpApi` of API classes: what they send is answered in this process, without a connection. The shapes are those
 * of client-node's generated code, 1.x and 2.x, whose classes are not imported: a program brings its own copy.
 * Source: @kubernetes/client-node dist/gen/{configuration,http/http,rxjsStub}.
 */
import { type AnswerRest, type RestAnswer, restRequestOf } from './rest-answer.ts'

/** client-node's RequestContext, as far as it is read here. */
interface SentRequest {
  getUrl(): string
  getHttpMethod(): string
  getHeaders(): Record<string, string>
  getBody(): unknown
  getSignal?(): AbortSignal | undefined
}

/** client-node's own stand-in for an Observable: a promise. */
class Answered<T> {
  readonly promise: Promise<T>

  constructor(promise: Promise<T>) {
    this.promise = promise
  }
  toPromise(): Promise<T> {
    return this.promise
  }
  pipe<S>(callback: (value: T) => S | Promise<S>): Answered<S> {
    return new Answered(this.promise.then(callback))
  }
}

/** client-node's ResponseContext. */
class InMemoryResponse {
  readonly httpStatusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { text(): Promise<string>; binary(): Promise<Buffer> }

  constructor({ code, headers, text }: RestAnswer) {
    this.httpStatusCode = code
    this.headers = headers
    this.body = { text: async () => text, binary: async () => Buffer.from(text) }
  }

  getParsedHeader(name: string): Record<string, string> {
    const parsed: Record<string, string> = {}
    for (const part of (this.headers[name] ?? '').split(';')) {
      const [key = '', value] = part.split('=', 2).map((word) => word.trim())
      if (key === '') continue
      if (value === undefined) parsed[''] = key.toLowerCase()
      else parsed[key.toLowerCase()] = value.replace(/^"(.*)"$/, '$1')
    }
    return parsed
  }

  async getBodyAsFile(): Promise<{ readonly data: Buffer; readonly name: string }> {
    return { data: await this.body.binary(), name: this.getParsedHeader('content-disposition')['filename'] ?? '' }
  }

  getBodyAsAny(): Promise<string> {
    return this.body.text()
  }
}

/** A `Configuration` for API classes; `security` is what sets a request's agent and headers. */
export function configurationOver(answer: AnswerRest, server: string, security: object): object {
  return {
    baseServer: new SimulatedServer(server),
    httpApi: { send: (request: SentRequest) => new Answered(send(answer, request)) },
    middleware: [],
    authMethods: { default: security },
  }
}

async function send(answer: AnswerRest, request: SentRequest): Promise<InMemoryResponse> {
  const signal = request.getSignal?.()
  signal?.throwIfAborted()
  const body = request.getBody()
  if (body !== undefined && typeof body !== 'string')
    throw new TypeError('only bodies of text can be sent to a simulated API server')
  const url = request.getUrl()
  const rest = restRequestOf({ method: request.getHttpMethod(), url, body: body ?? '' }, request.getHeaders())
  if (/^(true|1)$/.test(rest.query.get('watch') ?? ''))
    throw new Error(
      `${rest.path}: a method of an API class would wait for the end of the watch. Use Watch or makeInformer.`,
    )
  return new InMemoryResponse(await answer(rest))
}

/** client-node's ServerConfiguration; generated code asks it for a request context, whose class only it has. */
class SimulatedServer {
  private readonly url: string

  constructor(url: string) {
    this.url = url
  }
  getUrl(): string {
    return this.url
  }
  makeRequestContext(endpoint: string, httpMethod: string): InMemoryRequest {
    return new InMemoryRequest(this.url + endpoint, httpMethod)
  }
}

/** client-node's RequestContext, for generated code to fill in. */
export class InMemoryRequest implements SentRequest {
  private url: URL
  private readonly method: string
  private readonly headers: Record<string, string> = {}
  private body: unknown
  private signal: AbortSignal | undefined
  private connection: unknown

  constructor(url: string, method: string) {
    this.url = new URL(url)
    this.method = method
  }
  getUrl(): string {
    return this.url.toString()
  }
  setUrl(url: string): void {
    this.url = new URL(url)
  }
  setBody(body: unknown): void {
    this.body = body
  }
  getHttpMethod(): string {
    return this.method
  }
  getHeaders(): Record<string, string> {
    return this.headers
  }
  getBody(): unknown {
    return this.body
  }
  setQueryParam(name: string, value: string): void {
    this.url.searchParams.set(name, value)
  }
  appendQueryParam(name: string, value: string): void {
    this.url.searchParams.append(name, value)
  }
  addCookie(name: string, value: string): void {
    this.headers['Cookie'] = `${this.headers['Cookie'] ?? ''}${name}=${value}; `
  }
  setHeaderParam(name: string, value: string): void {
    this.headers[name] = value
  }
  setSignal(signal: AbortSignal): void {
    this.signal = signal
  }
  getSignal(): AbortSignal | undefined {
    return this.signal
  }
  setAgent(agent: unknown): void {
    this.connection = agent
  }
  getAgent(): unknown {
    return this.connection
  }
  setDispatcher(dispatcher: unknown): void {
    this.connection = dispatcher
  }
  getDispatcher(): unknown {
    return this.connection
  }
}
