/** Messages whose JSON is not an object of their fields: times, quantities, numbers or strings, embedded JSON. */
import type { ProtobufReader } from './wire.ts'

interface Values {
  readonly integers: ReadonlyMap<number, bigint>
  readonly texts: ReadonlyMap<number, readonly Uint8Array[]>
}

type Nested = (bytes: Uint8Array, type: string) => unknown

const META = 'apimachinery.pkg.apis.meta.v1'
const SCHEMA = 'apiextensions_apiserver.pkg.apis.apiextensions.v1'
const decoder = new TextDecoder()

const special: Readonly<Record<string, (values: Values, nested: Nested) => unknown>> = {
  [`${META}.Time`]: (values) => instant(values, 0),
  [`${META}.MicroTime`]: (values) => instant(values, 6),
  [`${META}.Duration`]: ({ integers }) => goDuration(integers.get(1) ?? 0n),
  [`${META}.FieldsV1`]: json,
  [`${META}.Verbs`]: texts,
  'apimachinery.pkg.runtime.RawExtension': json,
  'apimachinery.pkg.api.resource.Quantity': (values) => text(values, 1),
  'apimachinery.pkg.util.intstr.IntOrString': (values) =>
    (values.integers.get(1) ?? 0n) === 0n ? Number(values.integers.get(2) ?? 0n) : text(values, 3),
  'api.authentication.v1.ExtraValue': texts,
  'api.authorization.v1.ExtraValue': texts,
  'api.certificates.v1.ExtraValue': texts,
  [`${SCHEMA}.JSON`]: json,
  [`${SCHEMA}.JSONSchemaPropsOrBool`]: (values, nested) =>
    schemaOf(values, 2, nested) ?? (values.integers.get(1) ?? 0n) !== 0n,
  [`${SCHEMA}.JSONSchemaPropsOrArray`]: (values, nested) =>
    schemaOf(values, 1, nested) ??
    (values.texts.get(2) ?? []).map((bytes) => nested(bytes, `${SCHEMA}.JSONSchemaProps`)),
  [`${SCHEMA}.JSONSchemaPropsOrStringArray`]: (values, nested) =>
    schemaOf(values, 1, nested) ?? (values.texts.get(2) ?? []).map((bytes) => decoder.decode(bytes)),
}

/** The value of a message of such a type; undefined for any other type, and then nothing was read. */
export function specialMessage(
  type: string,
  reader: ProtobufReader,
  nested: Nested,
): { readonly value: unknown } | undefined {
  const read = Object.hasOwn(special, type) ? special[type] : undefined
  if (read === undefined) return undefined
  const integers = new Map<number, bigint>()
  const found = new Map<number, Uint8Array[]>()
  while (!reader.atEnd()) {
    const { number, wire } = reader.tag()
    if (wire === 0) integers.set(number, reader.integer())
    else if (wire === 2) found.set(number, [...(found.get(number) ?? []), reader.bytes()])
    else reader.skip(wire)
  }
  return { value: read({ integers, texts: found }, nested) }
}

function text({ texts: found }: Values, number: number): string {
  const bytes = found.get(number)?.at(-1)
  return bytes === undefined ? '' : decoder.decode(bytes)
}

function texts({ texts: found }: Values): readonly string[] {
  return (found.get(1) ?? []).map((bytes) => decoder.decode(bytes))
}

function json(values: Values): unknown {
  const raw = text(values, 1)
  if (raw === '') return undefined
  try {
    return JSON.parse(raw) as unknown
  } catch {
    return undefined
  }
}

function schemaOf({ texts: found }: Values, number: number, nested: Nested): unknown {
  const bytes = found.get(number)?.at(-1)
  return bytes === undefined ? undefined : nested(bytes, `${SCHEMA}.JSONSchemaProps`)
}

/** RFC 3339 with so many decimals; undefined for Go's zero time, which is sent as nothing. */
function instant({ integers }: Values, decimals: 0 | 6): string | undefined {
  const seconds = integers.get(1)
  if (seconds === undefined || seconds < -62_135_596_800n || seconds > 253_402_300_799n) return undefined
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  if (decimals === 0) return `${whole}Z`
  const micros = Number(integers.get(2) ?? 0n) / 1000
  return `${whole}.${String(Math.floor(micros)).padStart(6, '0')}Z`
}

/** A duration in nanoseconds as Go writes it, in seconds. */
function goDuration(nanoseconds: bigint): string {
  return `${Number(nanoseconds) / 1e9}s`
}
