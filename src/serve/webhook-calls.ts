/**
 * Writes that meet webhooks, which are called over HTTP. The server decides at once or not at all: where it needs the
 * answer of a webhook it stops, the webhook is called, and it decides anew on what is stored by then.
 */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AdmissionControl, AdmissionRequest, AdmissionResponse, Webhook } from '#apiserver/admission/admission.ts'
import { admissionKinds } from '#apiserver/admission/kinds.ts'
import type { ApiRequest, ApiResponse } from '#apiserver/request.ts'
import type { LiveState } from './live-state.ts'
import { callFunction, placeOf, type WebhookAnswer } from './webhook-places.ts'

/** Thrown out of a decision that needs an answer which is not there yet. */
class AnswerNeeded extends Error {
  readonly key: string
  readonly webhook: Webhook
  readonly review: AdmissionRequest

  constructor(key: string, webhook: Webhook, review: AdmissionRequest) {
    super(`the webhook ${webhook.name} has to be called`)
    this.key = key
    this.webhook = webhook
    this.review = review
  }
}

/** Calls of one write: an object that others change all the time cannot keep it for ever. */
const CALLS_MAX = 100

/** Executes a request; webhooks that configurations in the storage register are called, and quotas enforced. */
export async function executeAdmitted(live: LiveState, request: ApiRequest): Promise<ApiResponse> {
  const kinds = admissionKinds(live.served())
  if (kinds === undefined || request.verb === 'get' || request.verb === 'list') return live.execute(request)
  const answers = new Map<string, WebhookAnswer>()
  const { functions = {}, services = {} } = live.webhooks
  const call = (webhook: Webhook, review: AdmissionRequest): WebhookAnswer => {
    const own = Object.hasOwn(functions, webhook.name) ? functions[webhook.name] : undefined
    if (own !== undefined) return callFunction(webhook, own, review)
    const key = JSON.stringify([webhook.name, review], withoutTimes)
    const answer = answers.get(key)
    if (answer === undefined) throw new AnswerNeeded(key, webhook, review)
    return answer
  }
  const admission: AdmissionControl = { kinds, call, enforcesQuotas: true }
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    try {
      return live.execute(request, admission)
    } catch (error) {
      if (!(error instanceof AnswerNeeded)) throw error
      answers.set(error.key, await callWebhook(error.webhook, error.review, services))
    }
  }
  return live.execute(request, { ...admission, call: () => ({ failed: 'the object changed too often meanwhile' }) })
}

/** A decision that is taken again a moment later has other timestamps. */
function withoutTimes(key: string, value: unknown): unknown {
  return key === 'creationTimestamp' || key === 'deletionTimestamp' || key === 'time' ? undefined : value
}

/** Upstream's default. */
const TIMEOUT_SECONDS = 10
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

function callWebhook(
  webhook: Webhook,
  review: AdmissionRequest,
  services: Readonly<Record<string, string>>,
): Promise<WebhookAnswer> {
  const place = placeOf(webhook, services)
  if ('failed' in place) return Promise.resolve(place)
  const { timeoutSeconds, clientConfig: { caBundle } = {} } = webhook
  const { url, ...tls } = place
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: review })
  const timeoutMs = (timeoutSeconds ?? TIMEOUT_SECONDS) * 1000
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const ca = caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64') }
  return new Promise((resolve) => {
    const fail = (why: string): void => resolve({ failed: `failed to call webhook: Post "${url}": ${why}` })
    try {
      const send = url.startsWith('http:') ? httpRequest : httpsRequest
      const sent = send(url, {
        method: 'POST',
        headers,
        timeout: timeoutMs,
        signal: AbortSignal.timeout(timeoutMs),
        ...ca,
        ...tls,
      })
      sent.once('error', (error) =>
        fail(
          error.name === 'AbortError' || error.name === 'TimeoutError' ? 'context deadline exceeded' : error.message,
        ),
      )
      sent.once('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > ANSWER_BYTES_MAX) sent.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        response.once('error', (error) => fail(error.message))
        response.once('end', () => resolve(answerOf(Buffer.concat(chunks).toString('utf8'), response.statusCode ?? 0)))
      })
      sent.end(body)
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error))
    }
  })
}

function answerOf(text: string, code: number): WebhookAnswer {
  if (code !== 200)
    return {
      failed: `failed to call webhook: an error on the server has prevented the request from succeeding (${code})`,
    }
  try {
    const { response } = JSON.parse(text) as { readonly response?: AdmissionResponse }
    if (typeof response?.allowed === 'boolean') return response
    return { failed: 'webhook response was absent' }
  } catch {
    return { failed: 'received invalid webhook response: it is no JSON' }
  }
}
