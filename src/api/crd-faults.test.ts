import { describe, expect, it } from 'vitest'
import { optionalNameFaults, sentDefinitionFaults, versionFaults } from './crd-faults.ts'

const places = (faults: readonly { readonly field: string; readonly reason: string }[]): readonly string[] =>
  faults.map(({ field, reason }) => `${field} ${reason.replace('FieldValue', '')}`)

describe('names of a definition', () => {
  it('are DNS labels, those in lists too', () => {
    expect(
      places(optionalNameFaults({ singular: 'A_', shortNames: ['a', '1'], categories: ['_'], listKind: 'Ok' })),
    ).toEqual(['spec.names.singular Invalid', 'spec.names.shortNames[1] Invalid', 'spec.names.categories[0] Invalid'])
  })
})

describe('versions of a definition', () => {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { a: { type: 'string' }, o: { type: 'object' } } } },
    },
  }

  it('scale fields below spec and status', () => {
    const scale = { specReplicasPath: '.status.a', statusReplicasPath: '.status.a[0]', labelSelectorPath: '.x.y' }
    expect(versionFaults([{ subresources: { scale } }])).toEqual([
      {
        field: 'spec.subresources.scale.specReplicasPath',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: ".status.a": should be a json path under .spec',
      },
      expect.objectContaining({ field: 'spec.subresources.scale.statusReplicasPath' }),
      expect.objectContaining({
        message: 'Invalid value: ".x.y": should be a json path under either .spec or .status',
      }),
    ])
    expect(places(versionFaults([{ name: 'v1' }, { name: 'v2', subresources: { scale: {} } }]))).toEqual([
      'spec.versions[1].subresources.scale.specReplicasPath Required',
      'spec.versions[1].subresources.scale.statusReplicasPath Required',
    ])
  })

  it('print columns of known types', () => {
    const columns = [{ name: 'a', type: 'float', jsonPath: 'x' }, { format: 'x' }]
    expect(places(versionFaults([{ additionalPrinterColumns: columns }]))).toEqual([
      'spec.additionalPrinterColumns[0].type Invalid',
      'spec.additionalPrinterColumns[0].JSONPath Invalid',
      'spec.additionalPrinterColumns[1].name Required',
      'spec.additionalPrinterColumns[1].type Required',
      'spec.additionalPrinterColumns[1].format Invalid',
      'spec.additionalPrinterColumns[1].JSONPath Required',
    ])
  })

  it('select by fields of the schema that have one value', () => {
    const selectableFields = ['.spec.a', '.spec.a', '.spec.o', '.spec.x', '.metadata.name'].map((jsonPath) => ({
      jsonPath,
    }))
    expect(places(versionFaults([{ schema, selectableFields }]))).toEqual([
      'spec.selectableFields[1].jsonPath Duplicate',
      'spec.selectableFields[2].jsonPath Invalid',
      'spec.selectableFields[3].jsonPath Invalid',
      'spec.selectableFields[4].jsonPath Invalid',
    ])
  })

  it('warn only when they are deprecated', () => {
    expect(places(versionFaults([{ deprecationWarning: 'x' }, { deprecated: true, deprecationWarning: 'x' }]))).toEqual(
      ['spec.versions[0].deprecationWarning Invalid'],
    )
  })
})

it('groups of Kubernetes need an approval, conversion by webhook its client, and unknown fields are pruned', () => {
  const annotated = (value: string): object => ({ annotations: { 'api-approved.kubernetes.io': value } })
  const ofGroup = (metadata: object): readonly string[] =>
    places(sentDefinitionFaults({ metadata, spec: { group: 'x.k8s.io' } }))
  expect(ofGroup({})).toEqual(['metadata.annotations[api-approved.kubernetes.io] Required'])
  expect(ofGroup(annotated('why not'))).toEqual(['metadata.annotations[api-approved.kubernetes.io] Invalid'])
  expect(ofGroup(annotated('unapproved, a test'))).toEqual([])
  expect(ofGroup(annotated('https://github.com/x'))).toEqual([])
  const spec = { group: 'x.io', preserveUnknownFields: true, conversion: { strategy: 'Webhook' } }
  expect(places(sentDefinitionFaults({ spec }))).toEqual([
    'spec.preserveUnknownFields Invalid',
    'spec.conversion.webhookClientConfig Required',
  ])
})
