/**
 * Admission in a search: webhooks are functions of the scenario, called at once and assumed to be pure, or code of the
 * programs that are explored (`program-webhooks.ts`). A webhook that a configuration registers and that neither stands
 * for is passed over, and said to be in the report.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import type { AdmissionControl, AdmissionResponse, Webhook } from '#apiserver/admission/admission.ts'
import { admissionKinds } from '#apiserver/admission/kinds.ts'
import { pathOf } from '#apiserver/admission/webhooks.ts'
import type { Host } from '#controller/host.ts'
import { refused } from './outside.ts'
import { answerRead, assumedWebhooks } from './program-webhooks.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'
import type { Cluster } from './tables.ts'

/** Undefined where nothing is asked: then no write is the dearer for it. */
export function admissionOf(scenario: Scenario, resources: ResourceTable, host: Host): AdmissionControl | undefined {
  const { webhooks = {}, quotas = false } = scenario
  const served = new Set(host.webhooks?.served.map(({ path }) => path))
  if (Object.keys(webhooks).length === 0 && !quotas && served.size === 0) return undefined
  const kinds = admissionKinds(resources)
  if (kinds === undefined) return undefined
  return {
    kinds,
    enforcesQuotas: quotas,
    ...(host.webhooks === undefined ? {} : { assumed: assumedWebhooks(host.webhooks, resources) }),
    call: (webhook, request, reader) => {
      const { name } = webhook
      const review = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined
      if (review === undefined) {
        const path = pathOf(webhook)
        if (host.webhooks === undefined || path === undefined || !served.has(path)) return undefined
        const outcome = host.webhooks.review(path, request, (call) => answerRead(resources, reader, call))
        return 'failed' in outcome ? outcome : (outcome.response as unknown as AdmissionResponse)
      }
      const run = (): AdmissionResponse => review(request)
      const what = `the webhook ${name}`
      const response = host.guard === undefined ? run() : host.guard(what, run, refused(what))
      if (typeof response?.allowed === 'boolean') return response
      throw new ScenarioError(
        `the webhook ${name} returned ${response instanceof Promise ? 'a promise' : JSON.stringify(response)}. It must return { allowed: boolean, … } at once: leave async out, and await nothing.`,
      )
    },
  }
}

/** Puts down what the report has to say of a webhook configuration: which of its webhooks nobody runs. */
export function noteWebhooks({ scenario, host, counters: { lints } }: Cluster, object: KubernetesObject): void {
  const listed = (object as unknown as { readonly webhooks?: unknown }).webhooks
  if (!Array.isArray(listed)) return
  for (const webhook of listed as readonly Webhook[]) {
    const { name } = webhook
    if (scenario.webhooks !== undefined && Object.hasOwn(scenario.webhooks, name)) continue
    const path = pathOf(webhook)
    if (host.webhooks?.served.some((served) => served.path === path) === true) {
      lints.delete(`webhook-assumed:${path}`)
      continue
    }
    lints.set(
      `webhook-not-run:${name}`,
      `${object.kind} ${object.metadata.name} registers the webhook ${name}, and nobody runs it: whatever it refuses or changes in a cluster is neither refused nor changed here, so a finding may not be real, and one may be missing. Give its function in the scenario: webhooks: { '${name}': (request) => ({ allowed: … }) }.`,
    )
  }
}
