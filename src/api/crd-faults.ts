/**
 * What is wrong with the parts of a CustomResourceDefinition that are no schema: names, subresources, printer columns,
 * selectable fields, conversion, and the approval that Kubernetes' own groups need.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go, pkg/apihelpers/helpers.go.
 */
import { equalJson } from './equal.ts'
import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from './field-errors.ts'
import { nameFault } from './name-formats.ts'

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Of names that may be left out, and of lists of names. */
export function optionalNameFaults(names: Fields): readonly FieldError[] {
  const errors: FieldError[] = []
  const check = (field: string, value: unknown): void => {
    const fault = nameFault(textOf(value), 'label-1035')
    if (fault !== undefined) errors.push(fieldInvalid(`spec.names.${field}`, value, fault))
  }
  if (textOf(names['singular']) !== '') check('singular', names['singular'])
  const listKind = textOf(names['listKind'])
  const listKindFault = listKind === '' ? undefined : nameFault(listKind.toLowerCase(), 'label-1035')
  if (listKindFault !== undefined) {
    const why = `may have mixed case, but should otherwise match: ${listKindFault}`
    errors.push(fieldInvalid('spec.names.listKind', listKind, why))
  }
  for (const field of ['shortNames', 'categories'])
    for (const [index, value] of itemsOf(names[field]).entries()) check(`${field}[${index}]`, value)
  return errors
}

/**
 * Faults of versions beside their schemas. What all versions have alike is named as a field of the spec, because
 * upstream stores it there.
 */
export function versionFaults(versions: readonly unknown[]): readonly FieldError[] {
  const all = versions.map(fieldsOf)
  const errors: FieldError[] = []
  const checkEach = (
    field: string,
    check: (value: unknown, at: string, version: Fields) => readonly FieldError[],
  ): void => {
    const isShared = all.every((version) => equalJson(version[field], all[0]?.[field]))
    for (const [index, version] of all.entries()) {
      if (version[field] === undefined || (isShared && index > 0)) continue
      errors.push(...check(version[field], isShared ? `spec.${field}` : `spec.versions[${index}].${field}`, version))
    }
  }
  checkEach('subresources', (value, at) => scaleFaults(fieldsOf(value)['scale'], `${at}.scale`))
  checkEach('additionalPrinterColumns', (value, at) =>
    itemsOf(value).flatMap((column, index) => columnFaults(fieldsOf(column), `${at}[${index}]`)),
  )
  checkEach('selectableFields', (value, at, version) => selectableFaults(itemsOf(value), at, version))
  for (const [index, version] of all.entries()) {
    const why = deprecationFault(version)
    if (why === undefined) continue
    errors.push(fieldInvalid(`spec.versions[${index}].deprecationWarning`, version['deprecationWarning'], why))
  }
  return errors
}

function scaleFaults(scale: unknown, at: string): readonly FieldError[] {
  if (scale === undefined || scale === null) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = fieldsOf(scale)
  return [
    ...pathFaults(specReplicasPath, `${at}.specReplicasPath`, ['.spec.'], 'should be a json path under .spec'),
    ...pathFaults(statusReplicasPath, `${at}.statusReplicasPath`, ['.status.'], 'should be a json path under .status'),
    ...(textOf(labelSelectorPath) === ''
      ? []
      : pathFaults(
          labelSelectorPath,
          `${at}.labelSelectorPath`,
          ['.spec.', '.status.'],
          'should be a json path under either .spec or .status',
        )),
  ]
}

function pathFaults(path: unknown, at: string, roots: readonly string[], why: string): readonly FieldError[] {
  const text = textOf(path)
  if (text === '') return [fieldRequired(at)]
  if (!/^(\.[^.[\]]+)+$/.test(text)) return [fieldInvalid(at, text, 'must be a json path in the dot notation')]
  return roots.some((root) => text.startsWith(root)) ? [] : [fieldInvalid(at, text, why)]
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnFaults({ name, type, format, jsonPath }: Fields, at: string): readonly FieldError[] {
  const errors: FieldError[] = []
  if (textOf(name) === '') errors.push(fieldRequired(`${at}.name`))
  const types = `must be one of ${COLUMN_TYPES.join(',')}`
  if (textOf(type) === '') errors.push(fieldRequired(`${at}.type`, types))
  else if (!COLUMN_TYPES.includes(textOf(type))) errors.push(fieldInvalid(`${at}.type`, type, types))
  if (textOf(format) !== '' && !COLUMN_FORMATS.includes(textOf(format)))
    errors.push(fieldInvalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`))
  if (textOf(jsonPath) === '') errors.push(fieldRequired(`${at}.JSONPath`))
  else if (!textOf(jsonPath).startsWith('.'))
    errors.push(fieldInvalid(`${at}.JSONPath`, jsonPath, 'must be a simple json path starting with .'))
  return errors
}

const SELECTABLE_MAX = 8
const SELECTABLE_TYPES = ['string', 'boolean', 'integer']

function selectableFaults(fields: readonly unknown[], at: string, version: Fields): readonly FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const root = fieldsOf(fieldsOf(version['schema'])['openAPIV3Schema'])
  for (const [index, field] of fields.entries()) {
    const path = textOf(fieldsOf(field)['jsonPath'])
    const place = `${at}[${index}].jsonPath`
    if (path === '') {
      errors.push(fieldRequired(place))
      continue
    }
    const isMetadata = path.startsWith('.metadata')
    const found = path.startsWith('.') ? schemaAt(root, path.slice(1).split('.')) : undefined
    if (found === undefined && !isMetadata) {
      errors.push(fieldInvalid(place, path, 'is an invalid path: does not refer to a valid field'))
      continue
    }
    if (isMetadata) errors.push(fieldInvalid(place, path, 'must not point to fields in metadata'))
    if (found !== undefined && !SELECTABLE_TYPES.includes(textOf(found['type'])))
      errors.push(
        fieldInvalid(
          place,
          path,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    if (seen.has(path)) errors.push(fieldDuplicate(place, path))
    seen.add(path)
  }
  if (seen.size > SELECTABLE_MAX)
    errors.push({
      reason: 'FieldValueTooMany',
      message: `Too many: ${seen.size}: must have at most ${SELECTABLE_MAX} items`,
      field: at,
    })
  return errors
}

function schemaAt(schema: Fields, path: readonly string[]): Fields | undefined {
  let at = schema
  for (const name of path) {
    const properties = fieldsOf(at['properties'])
    if (!Object.hasOwn(properties, name)) return undefined
    at = fieldsOf(properties[name])
  }
  return at
}

const WARNING_LENGTH_MAX = 256

function deprecationFault({ deprecated, deprecationWarning }: Fields): string | undefined {
  if (typeof deprecationWarning !== 'string') return undefined
  if (deprecated !== true) return 'can only be set for deprecated versions'
  if (deprecationWarning.length > WARNING_LENGTH_MAX) return `must be <= ${WARNING_LENGTH_MAX} characters long`
  if (deprecationWarning === '') return 'must not be an empty string'
  const at = [...deprecationWarning].findIndex((character) => /\p{C}|[\u2028\u2029]/u.test(character))
  return at < 0
    ? undefined
    : `must only contain printable UTF-8 characters; non-printable character found at index ${at}`
}

/** Of a definition that is sent: what those that a simulation starts with need not have. */
export function sentDefinitionFaults(definition: Fields): readonly FieldError[] {
  const spec = fieldsOf(definition['spec'])
  const errors: FieldError[] = []
  if (spec['preserveUnknownFields'] === true)
    errors.push(fieldInvalid('spec.preserveUnknownFields', true, 'must be false'))
  const conversion = fieldsOf(spec['conversion'])
  const strategy = conversion['strategy']
  const clientConfig = fieldsOf(conversion['webhook'])['clientConfig']
  if (strategy !== undefined && strategy !== 'None' && strategy !== 'Webhook')
    errors.push(fieldNotSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']))
  if (strategy === 'Webhook' && clientConfig === undefined)
    errors.push(fieldRequired('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook'))
  if (strategy === 'None' && clientConfig !== undefined) {
    const why = 'should not be set when strategy is not set to Webhook'
    errors.push(fieldForbidden('spec.conversion.webhookClientConfig', why))
  }
  return [
    ...errors,
    ...approvalFaults(textOf(spec['group']), fieldsOf(fieldsOf(definition['metadata'])['annotations'])),
  ]
}

const APPROVAL = 'api-approved.kubernetes.io'
const APPROVAL_SEE = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Groups of the Kubernetes community say by whom they are approved, or that they are not. */
function approvalFaults(group: string, annotations: Fields): readonly FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return []
  const field = `metadata.annotations[${APPROVAL}]`
  const value = textOf(annotations[APPROVAL])
  if (value === '')
    return [fieldRequired(field, `protected groups must have approval annotation "${APPROVAL}", ${APPROVAL_SEE}`)]
  if (value.startsWith('unapproved') || (URL.canParse(value) && /^[a-z]+:\/\/[^/]/i.test(value))) return []
  const why = `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${APPROVAL_SEE}`
  return [fieldInvalid(field, value, why)]
}
