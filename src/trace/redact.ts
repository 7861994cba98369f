/**
 * Hides the data of Secrets wherever a result holds one. Equal values get equal numbers, so that a changed or
 * unequal value still shows as one; a digest would let short values be guessed.
 */

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const SECRET_PATH = /^(?:data|stringData)(?:[.[]|$)/

/** A copy of a report, path or object in which no Secret's data are left. What holds none is not copied. */
export function redactSecrets<T>(value: T): T {
  return createRedaction()(value)
}

/** Redacts one value after the other: equal secrets get equal numbers in all of them. */
export function createRedaction(): <T>(value: T) => T {
  const numbers = new Map<string, number>()
  const conceal = (secret: unknown): string => {
    const key = JSON.stringify(secret)
    const number = numbers.get(key) ?? numbers.size + 1
    numbers.set(key, number)
    return `(redacted ${number})`
  }
  return <T>(value: T): T => redact(value, conceal) as T
}

type Conceal = (secret: unknown) => string
type Fields = Readonly<Record<string, unknown>>

function redact(value: unknown, conceal: Conceal): unknown {
  if (Array.isArray(value)) return redactList(value, conceal)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Fields
  if (fields.kind === 'Secret' && fields.apiVersion === 'v1') return redactSecret(fields, conceal)
  if (isSecretDifference(fields)) return redactDifference(fields, conceal)
  return mapChanged(fields, (field) => redact(field, conceal))
}

function redactList(list: readonly unknown[], conceal: Conceal): readonly unknown[] {
  const copy = list.map((item) => redact(item, conceal))
  return copy.some((item, index) => item !== list[index]) ? copy : list
}

function redactSecret(secret: Fields, conceal: Conceal): Fields {
  return mapChanged(secret, (field, name) => {
    if (name === 'data' || name === 'stringData') return redactValues(field, conceal)
    if (name === 'metadata') return redactMetadata(field as Fields, conceal)
    return field
  })
}

function redactMetadata(metadata: Fields, conceal: Conceal): Fields {
  const annotations = metadata.annotations as Fields | undefined
  if (annotations?.[LAST_APPLIED] === undefined) return metadata
  return { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: conceal(annotations[LAST_APPLIED]) } }
}

function redactValues(values: unknown, conceal: Conceal): unknown {
  if (typeof values !== 'object' || values === null) return values === undefined ? undefined : conceal(values)
  return mapChanged(values as Fields, (secret) => conceal(secret))
}

/** A difference between two runs (`FieldDifference`), which names the object and holds values of one field. */
function isSecretDifference(fields: Fields): boolean {
  if (typeof fields.object !== 'string' || typeof fields.path !== 'string') return false
  if (!/^Secret[ /]/.test(fields.object)) return false
  return (
    SECRET_PATH.test(fields.path) ||
    fields.path.includes(LAST_APPLIED) ||
    /^metadata(?:\.annotations)?$/.test(fields.path) ||
    fields.path === ''
  )
}

function redactDifference(difference: Fields, conceal: Conceal): Fields {
  const side = (value: unknown) => {
    if (value === undefined || value === null) return value
    // Whole objects keep their shape; only the values of a data field are hidden as such.
    if (difference.path === '' && typeof value !== 'object') return value
    if (difference.path === '') return redactSecret(value as Fields, conceal)
    return conceal(value)
  }
  return { ...difference, left: side(difference.left), right: side(difference.right) }
}

function mapChanged(fields: Fields, change: (field: unknown, name: string) => unknown): Fields {
  let copy: Record<string, unknown> | undefined
  for (const [name, field] of Object.entries(fields)) {
    const changed = change(field, name)
    if (changed === field) continue
    copy ??= { ...fields }
    copy[name] = changed
  }
  return copy ?? fields
}
