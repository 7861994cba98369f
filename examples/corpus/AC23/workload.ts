/** A source is created, whose status begins with the default of its CRD. */
import { create } from 'kamera'

export const source = { apiVersion: 'example.kamera.dev/v1', kind: 'Source' }

const status = {
  type: 'object',
  default: { artifact: 'Unknown', schedule: 'Unknown' },
  properties: { artifact: { type: 'string' }, schedule: { type: 'string' } },
}

export const workload = {
  crds: [
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'sources.example.kamera.dev' },
      spec: {
        group: 'example.kamera.dev',
        names: { kind: 'Source', plural: 'sources' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', properties: { status } } },
          },
        ],
      },
    },
  ],
  actions: [create({ ...source, metadata: { namespace: 'default', name: 'charts' } })],
}
