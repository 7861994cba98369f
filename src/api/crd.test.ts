import { describe, expect, it } from 'vitest'
import { resourcesOfCustomResourceDefinition } from './crd.ts'
import type { KubernetesObject } from './object.ts'
import { createScheme } from './scheme.ts'

const definition = (changes: object = {}, name = 'gadgets.ex.test'): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
  spec: {
    group: 'ex.test',
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      },
      { name: 'v1beta1', served: true, storage: false },
      { name: 'v1alpha1', served: false, storage: false },
    ],
    ...changes,
  },
})

const fieldsOfErrors = (object: KubernetesObject): readonly string[] => {
  const result = resourcesOfCustomResourceDefinition(object)
  return 'errors' in result ? result.errors.map(({ field }) => field) : []
}

describe('resourcesOfCustomResourceDefinition', () => {
  it('defines a kind for each served version, which share their storage', () => {
    const result = resourcesOfCustomResourceDefinition(definition())
    const resources = 'resources' in result ? result.resources : []
    expect(resources.map(({ version, statusSubresource, scale }) => ({ version, statusSubresource, scale }))).toEqual([
      {
        version: 'v1',
        statusSubresource: true,
        scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas' },
      },
      { version: 'v1beta1', statusSubresource: false, scale: undefined },
    ])
    expect(new Set(resources.map(({ key }) => key))).toEqual(new Set(['ex.test/gadgets']))
    const table = createScheme(resources)
    expect(table.byKind('ex.test/v1beta1', 'Gadget')).toBe(table.byResource('ex.test', 'v1beta1', 'gadgets'))
    expect(table.byKind('ex.test/v1alpha1', 'Gadget')).toBeUndefined()
  })

  it.each([
    ['a name that is not plural.group', definition({}, 'gadget.ex.test'), 'metadata.name'],
    ['a group without a dot', definition({ group: 'ex' }, 'gadgets.ex'), 'spec.group'],
    ['no scope', definition({ scope: '' }), 'spec.scope'],
    ['an unknown scope', definition({ scope: 'Galactic' }), 'spec.scope'],
    ['no versions', definition({ versions: [] }), 'spec.versions'],
    [
      'two storage versions',
      definition({
        versions: [
          { name: 'v1', served: true, storage: true },
          { name: 'v2', served: true, storage: true },
        ],
      }),
      'spec.versions',
    ],
    ['no kind', definition({ names: { plural: 'gadgets' } }), 'spec.names.kind'],
  ])('names the field of %s', (_name, object, field) => {
    expect(fieldsOfErrors(object)).toContain(field)
  })
})

describe('createScheme', () => {
  it('knows the built-in kinds', () => {
    const table = createScheme()
    expect(table.byKind('apps/v1', 'Deployment')).toMatchObject({
      resource: 'deployments',
      generation: 'spec',
      statusSubresource: true,
    })
    expect(table.byResource('', 'v1', 'pods')).toMatchObject({ kind: 'Pod', gracefulDeletion: true })
    expect(table.byKind('coordination.k8s.io/v1', 'Lease')).toMatchObject({ unconditionalUpdate: false })
    expect(table.byKind('v1', 'Nope')).toBeUndefined()
  })
})
