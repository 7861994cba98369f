/** What a client of `@kubernetes/client-node` is answered, before it is text on a connection. */
import type { RestRequest } from '#apiserver/rest-path.ts'

export interface RestAnswer {
  readonly code: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Answers requests that are no watches. */
export type AnswerRest = (request: RestRequest) => Promise<RestAnswer>

/** A request as a RestRequest. Header names may be in any case. */
export function restRequestOf(
  { method, url, body }: { readonly method: string; readonly url: string; readonly body: string },
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): RestRequest {
  const { pathname, searchParams } = new URL(url, 'http://kamera')
  const header = (name: string): string => {
    for (const key of Object.keys(headers)) if (key.toLowerCase() === name) return String(headers[key] ?? '')
    return ''
  }
  return {
    method,
    path: pathname,
    query: searchParams,
    contentType: header('content-type') || (body === '' ? '' : 'application/json'),
    accept: header('accept'),
    body,
    userAgent: header('user-agent'),
  }
}

export function jsonAnswer(code: number, body: unknown): RestAnswer {
  return { code, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) }
}
