/**
 * Signatures of requests to S3 and what speaks like it, version 4
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 */
import { createHash, createHmac } from 'node:crypto'

export interface AccessKey {
  readonly id: string
  readonly secret: string
  /** Of keys that are valid for a while only. */
  readonly sessionToken?: string
}

export interface UnsignedRequest {
  readonly method: string
  /** With an escaped path, as it is sent, and without a query. */
  readonly url: URL
  readonly body: Uint8Array
  /** Names in lower case; `host` and the headers of the signature are added. */
  readonly headers: Readonly<Record<string, string>>
}

/** @param now milliseconds since 1970; @returns all headers to be sent, but `host`, which follows from the URL */
export function signedHeaders(
  { method, url, body, headers }: UnsignedRequest,
  key: AccessKey,
  region: string,
  now: number,
): Readonly<Record<string, string>> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const digest = hex(body)
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': digest,
    'x-amz-date': time,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  }
  const signed = Object.entries({ ...sent, host: url.host }).sort(([left], [right]) => (left < right ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const lines = signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('')
  const request = [method, url.pathname, '', lines, names, digest].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, hex(request)].join('\n')
  const signing = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${key.secret}`)
  const signature = hmac(signing, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...sent, authorization }
}

/** As signatures want paths: all but letters, digits, `-._~` and `/` as UTF-8 in hexadecimal digits. */
export function escapedPath(path: string): string {
  return encodeURIComponent(path)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
}

function hex(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
