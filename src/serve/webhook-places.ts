/** Where the webhooks are that are called: functions of this process, services that are somewhere else, URLs. */
import type { AdmissionRequest, AdmissionResponse, Webhook } from '#apiserver/admission/admission.ts'

/** Where webhooks are that no `url` of their configuration leads to. */
export interface WebhookPlaces {
  /** Functions in this process, by the name of the webhook. They go before any URL. */
  readonly functions?: Readonly<Record<string, (request: AdmissionRequest) => AdmissionResponse>>
  /** The URL of a service, by `NAMESPACE/NAME` or `NAMESPACE/NAME:PORT`; the path of the webhook is added to it. */
  readonly services?: Readonly<Record<string, string>>
}

/** What a webhook answered, or why it did not. */
export type WebhookAnswer = AdmissionResponse | { readonly failed: string }

export function callFunction(
  { name }: Webhook,
  own: (request: AdmissionRequest) => AdmissionResponse,
  review: AdmissionRequest,
): WebhookAnswer {
  try {
    const response = own(review)
    return typeof response?.allowed === 'boolean'
      ? response
      : { failed: `the function of ${name} returned no response` }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

export interface WebhookPlace {
  readonly url: string
  /** The name that the certificate of a service is for. */
  readonly servername?: string
}

/** The URL of a webhook that is called over HTTP. */
export function placeOf(
  { clientConfig }: Webhook,
  services: Readonly<Record<string, string>>,
): WebhookPlace | { failed: string } {
  const { url, service } = clientConfig ?? {}
  if (url !== undefined) return { url }
  const { namespace = '', name = '', port = 443, path = '' } = service ?? {}
  const known = [`${namespace}/${name}:${port}`, `${namespace}/${name}`].find((key) => Object.hasOwn(services, key))
  if (known === undefined) {
    const why = `the service ${namespace}/${name} cannot be reached: nothing runs in a simulated cluster. Say where it is (kamera serve --webhook-service ${namespace}/${name}=URL), or register the webhook by url`
    return { failed: why }
  }
  const origin = (services[known] as string).replace(/\/+$/, '')
  return {
    url: `${origin}${path === '' || path.startsWith('/') ? path : `/${path}`}`,
    servername: `${name}.${namespace}.svc`,
  }
}
