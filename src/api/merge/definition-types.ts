/**
 * The types of CustomResourceDefinitions, which client-go does not have and `built-in-types.ts` therefore lacks.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/v1/{types,types_jsonschema}.go.
 */
import type { EncodedField, EncodedObject } from './built-in-data.ts'

const GROUP = 'apiextensions.v1'
const struct = (name: string): string => `#${GROUP}.${name}`
const list = (of: string): EncodedField => ({ l: of })
/** JSON of any shape. */
const ANY = '*'

const schemaFields: Readonly<Record<string, EncodedField>> = {
  ...fieldsOf('s', ['id', '$schema', '$ref', 'description', 'type', 'format', 'title', 'pattern']),
  ...fieldsOf('s', ['x-kubernetes-list-type', 'x-kubernetes-map-type']),
  ...fieldsOf('b', ['nullable', 'exclusiveMaximum', 'exclusiveMinimum', 'uniqueItems', 'x-kubernetes-int-or-string']),
  ...fieldsOf('b', ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']),
  ...fieldsOf('n', ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties']),
  ...fieldsOf('d', ['maximum', 'minimum', 'multipleOf']),
  ...fieldsOf(ANY, ['default', 'example', 'dependencies']),
  ...fieldsOf(list('s'), ['required', 'x-kubernetes-list-map-keys']),
  ...fieldsOf(list(struct('JSONSchemaProps')), ['allOf', 'anyOf', 'oneOf']),
  ...fieldsOf(struct('JSONSchemaProps'), ['not', 'items']),
  ...fieldsOf(struct('JSONSchemaPropsOrBool'), ['additionalProperties', 'additionalItems']),
  ...fieldsOf({ v: struct('JSONSchemaProps') }, ['properties', 'patternProperties', 'definitions']),
  enum: list(ANY),
  externalDocs: { f: fieldsOf('s', ['description', 'url']) },
  'x-kubernetes-validations': {
    l: struct('ValidationRule'),
    m: ['rule'],
  },
}

/** By name, as in the generated data. */
export const definitionTypes: Readonly<Record<string, EncodedObject>> = {
  [`${GROUP}.CustomResourceDefinition`]: {
    f: {
      ...fieldsOf('s', ['apiVersion', 'kind']),
      metadata: '#apis.meta.v1.ObjectMeta',
      spec: struct('CustomResourceDefinitionSpec'),
      status: struct('CustomResourceDefinitionStatus'),
    },
  },
  [`${GROUP}.CustomResourceDefinitionSpec`]: {
    f: {
      ...fieldsOf('s', ['group', 'scope']),
      names: struct('CustomResourceDefinitionNames'),
      versions: list(struct('CustomResourceDefinitionVersion')),
      conversion: struct('CustomResourceConversion'),
      preserveUnknownFields: 'b',
    },
  },
  [`${GROUP}.CustomResourceDefinitionNames`]: {
    f: {
      ...fieldsOf('s', ['plural', 'singular', 'kind', 'listKind']),
      ...fieldsOf(list('s'), ['shortNames', 'categories']),
    },
  },
  [`${GROUP}.CustomResourceConversion`]: {
    f: {
      strategy: 's',
      webhook: {
        f: {
          clientConfig: {
            f: {
              ...fieldsOf('s', ['url', 'caBundle']),
              service: { f: { ...fieldsOf('s', ['namespace', 'name', 'path']), port: 'n' } },
            },
          },
          conversionReviewVersions: list('s'),
        },
      },
    },
  },
  [`${GROUP}.CustomResourceDefinitionVersion`]: {
    f: {
      ...fieldsOf('s', ['name', 'deprecationWarning']),
      ...fieldsOf('b', ['served', 'storage', 'deprecated']),
      schema: { f: { openAPIV3Schema: struct('JSONSchemaProps') } },
      subresources: {
        f: {
          status: { f: {} },
          scale: { f: fieldsOf('s', ['specReplicasPath', 'statusReplicasPath', 'labelSelectorPath']) },
        },
      },
      additionalPrinterColumns: { l: struct('CustomResourceColumnDefinition') },
      selectableFields: { l: { f: { jsonPath: 's' } } },
    },
  },
  [`${GROUP}.CustomResourceColumnDefinition`]: {
    f: { ...fieldsOf('s', ['name', 'type', 'format', 'description', 'jsonPath']), priority: 'n' },
  },
  [`${GROUP}.JSONSchemaProps`]: { f: schemaFields },
  [`${GROUP}.JSONSchemaPropsOrBool`]: { f: schemaFields, b: 1 },
  [`${GROUP}.ValidationRule`]: {
    f: { ...fieldsOf('s', ['rule', 'message', 'messageExpression', 'reason', 'fieldPath']), optionalOldSelf: 'b' },
  },
  [`${GROUP}.CustomResourceDefinitionStatus`]: {
    f: {
      conditions: { l: struct('CustomResourceDefinitionCondition'), m: ['type'] },
      acceptedNames: struct('CustomResourceDefinitionNames'),
      storedVersions: list('s'),
      observedGeneration: 'n',
    },
  },
  [`${GROUP}.CustomResourceDefinitionCondition`]: {
    f: { ...fieldsOf('s', ['type', 'status', 'reason', 'message']), lastTransitionTime: 't', observedGeneration: 'n' },
  },
}

function fieldsOf(type: EncodedField, names: readonly string[]): Record<string, EncodedField> {
  return Object.fromEntries(names.map((name) => [name, type]))
}
