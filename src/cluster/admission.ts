/**
 * Admission in a search: webhooks are functions of the scenario, called at once and assumed to be pure. A webhook that
 * a configuration registers and that no function stands for is passed over, and said to be in the report.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import type { AdmissionControl, AdmissionResponse, Webhook } from '#apiserver/admission/admission.ts'
import { admissionKinds } from '#apiserver/admission/kinds.ts'
import type { Host } from '#controller/host.ts'
import { refused } from './outside.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'

/** Undefined where nothing is asked: then no write is the dearer for it. */
export function admissionOf(scenario: Scenario, resources: ResourceTable, host: Host): AdmissionControl | undefined {
  const { webhooks = {}, quotas = false } = scenario
  if (Object.keys(webhooks).length === 0 && !quotas) return undefined
  const kinds = admissionKinds(resources)
  if (kinds === undefined) return undefined
  return {
    kinds,
    enforcesQuotas: quotas,
    call: ({ name }, request) => {
      const review = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined
      if (review === undefined) return undefined
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
export function noteWebhooks(scenario: Scenario, lints: Map<string, string>, object: KubernetesObject): void {
  const listed = (object as unknown as { readonly webhooks?: unknown }).webhooks
  if (!Array.isArray(listed)) return
  for (const { name } of listed as readonly Webhook[]) {
    if (scenario.webhooks !== undefined && Object.hasOwn(scenario.webhooks, name)) continue
    lints.set(
      `webhook-not-run:${name}`,
      `${object.kind} ${object.metadata.name} registers the webhook ${name}, and nobody runs it: whatever it refuses or changes in a cluster is neither refused nor changed here, so a finding may not be real, and one may be missing. Give its function in the scenario: webhooks: { '${name}': (request) => ({ allowed: … }) }.`,
    )
  }
}
