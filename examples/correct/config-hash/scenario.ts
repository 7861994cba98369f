/** A Deployment is rolled out again when the ConfigMap that it uses changes: its template carries the data's hash. */
import { create, defineController, defineScenario, type KubernetesObject, patch } from 'kamera'

const app = { apiVersion: 'example.kamera.dev/v1', kind: 'App' }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' }
const web = { namespace: 'default', name: 'web' }
const hashAnnotation = 'example.kamera.dev/config-hash'

const appController = defineController({
  name: 'app-operator',
  for: app,
  owns: [deployment],
  watches: [{ ...configMap, requests: ({ metadata: { namespace = '', name = '' } }) => [{ namespace, name }] }],
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(app, request)
      const config = await client.tryGet(configMap, request)
      if (object === undefined || config === undefined) return
      const wanted = deploymentOf(object, hashOf(config.data))
      const existing = await client.tryGet(deployment, request)

      if (existing === undefined) await client.create(wanted)
      else if (hashIn(existing) !== hashIn(wanted)) {
        await client.update({ ...existing, spec: { ...existing.spec, template: wanted.spec.template } })
      }
    },
  }),
})

function deploymentOf({ metadata: { namespace, name, uid } }: KubernetesObject, hash: string) {
  const labels = { app: name ?? '' }
  return {
    ...deployment,
    metadata: { namespace, name, ownerReferences: [{ ...app, name, uid, controller: true }] },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { [hashAnnotation]: hash } },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    },
  }
}

interface WithTemplate {
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } }
  }
}

function hashIn({ spec }: WithTemplate): string | undefined {
  return spec.template.metadata.annotations[hashAnnotation]
}

/** FNV-1a of the data, in the order of its keys. */
function hashOf(data: Readonly<Record<string, string>> = {}): string {
  let hash = 0x811c9dc5
  for (const character of JSON.stringify(Object.entries(data).sort())) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  }
  return hash.toString(16)
}

export default defineScenario({
  name: 'config-hash',
  kinds: [app],
  controllers: [appController],
  actions: [
    create({ ...app, metadata: web, spec: {} }),
    create({ ...configMap, metadata: web, data: { color: 'red' } }),
    patch({ ...configMap, ...web }, { data: { color: 'blue' } }),
  ],
})
