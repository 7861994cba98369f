/**
 * Kubernetes' protobuf encoding of built-in kinds, read into the JSON that the same object would have. Typed clients
 * of client-go send it; answers are JSON, which every one of them takes.
 * Source: apimachinery/pkg/runtime/serializer/protobuf, the generated.proto files of k8s.io/api.
 */
import { protobufMessagesJson } from './messages.ts'
import { specialMessage } from './special-messages.ts'
import { type ProtobufReader, readerOf } from './wire.ts'

/** Bytes that are no object in this encoding. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

interface Field {
  readonly json: string
  readonly type: string
  readonly repeated: boolean
  readonly map: boolean
  readonly pointer: boolean
  readonly omitted: boolean
  readonly inlined: boolean
}

type Message = ReadonlyMap<number, Field>
type Fields = Record<string, unknown>

interface Data {
  readonly kinds: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, string>>
}

let data: Data | undefined
const messages = new Map<string, Message>()

const MAGIC = [0x6b, 0x38, 0x73, 0x00]
/** Messages within messages; schemas of CustomResourceDefinitions are deep. */
const DEPTH_MAX = 200

/**
 * The object in `bytes`, which begin with `k8s` and a zero. Throws `ProtobufError` for other bytes, and for kinds that
 * have no protobuf form here.
 */
export function decodeProtobuf(bytes: Uint8Array): object {
  if (MAGIC.some((byte, index) => bytes[index] !== byte))
    throw new ProtobufError('the body is not protobuf: it does not begin with k8s')
  const { apiVersion, kind, raw } = readEnvelope(bytes.subarray(MAGIC.length))
  data ??= JSON.parse(protobufMessagesJson) as Data
  const key = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}/${kind}`
  const name = Object.hasOwn(data.kinds, key) ? data.kinds[key] : undefined
  const general = kind === 'DeleteOptions' ? data.kinds['/v1/DeleteOptions'] : undefined
  const type = name ?? general
  if (type === undefined) throw new ProtobufError(`no kind ${kind} in ${apiVersion} has a protobuf form: send JSON`)
  return { apiVersion, kind, ...(decodeMessage(readerOf(raw, fail), type, 0) as Fields) }
}

function fail(message: string): never {
  throw new ProtobufError(message)
}

/** The message Unknown, in which every object is sent. */
function readEnvelope(bytes: Uint8Array): {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
} {
  const reader = readerOf(bytes, fail)
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  while (!reader.atEnd()) {
    const { number, wire } = reader.tag()
    if (number === 1 && wire === 2) {
      const type = readerOf(reader.bytes(), fail)
      while (!type.atEnd()) {
        const tag = type.tag()
        if (tag.number === 1 && tag.wire === 2) apiVersion = type.text()
        else if (tag.number === 2 && tag.wire === 2) kind = type.text()
        else type.skip(tag.wire)
      }
    } else if (number === 2 && wire === 2) raw = reader.bytes()
    else reader.skip(wire)
  }
  return { apiVersion, kind, raw }
}

function messageOf(type: string): Message {
  let message = messages.get(type)
  if (message === undefined) {
    message = new Map(
      (data as Data).types[type]
        ?.split(';')
        .filter((text) => text !== '')
        .map(readField),
    )
    messages.set(type, message)
  }
  return message
}

function readField(text: string): readonly [number, Field] {
  const [number, json = '', type = '', flags = ''] = text.split(':')
  const has = (flag: string): boolean => flags.includes(flag)
  const shape = { repeated: has('r'), map: has('m'), pointer: has('p'), omitted: has('o'), inlined: has('n') }
  return [Number(number), { json, type, ...shape }]
}

/** The JSON of a message; undefined for one that stands for nothing. */
function decodeMessage(reader: ProtobufReader, type: string, depth: number): unknown {
  if (depth > DEPTH_MAX) fail('messages are nested too deeply')
  const nested = (bytes: Uint8Array, inner: string): unknown => decodeMessage(readerOf(bytes, fail), inner, depth + 1)
  const special = specialMessage(type, reader, nested)
  if (special !== undefined) return special.value
  const message = messageOf(type)
  const fields: Fields = {}
  while (!reader.atEnd()) {
    const { number, wire } = reader.tag()
    const field = message.get(number)
    if (field === undefined) reader.skip(wire)
    else addField(fields, field, { reader, wire, depth })
  }
  return fields
}

interface Place {
  readonly reader: ProtobufReader
  readonly wire: number
  readonly depth: number
}

function addField(fields: Fields, field: Field, place: Place): void {
  if (field.map) {
    const [key, value] = mapEntry(place.reader.bytes(), field.type, place.depth)
    const map = (Object.hasOwn(fields, field.json) ? fields[field.json] : {}) as Fields
    define(map, key, value)
    define(fields, field.json, map)
    return
  }
  const value = decodeValue(field.type, place)
  if (field.repeated) {
    const list = (Object.hasOwn(fields, field.json) ? fields[field.json] : []) as unknown[]
    list.push(value)
    define(fields, field.json, list)
  } else if (field.inlined) {
    Object.assign(fields, value)
  } else if (!isLeftOut(field, value)) {
    define(fields, field.json, value)
  }
}

/** Whether Go's JSON would not show a value: what is no pointer is always sent, also when it is nothing. */
function isLeftOut({ pointer, omitted, type }: Field, value: unknown): boolean {
  if (value === undefined) return true
  if (pointer) return false
  if (type.length > 1) return typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return omitted && (value === '' || value === 0 || value === false)
}

function decodeValue(type: string, { reader, wire, depth }: Place): unknown {
  const scalar = SCALARS[type]
  if (scalar === undefined) {
    if (wire !== 2) fail('a message has the wrong wire type')
    return decodeMessage(readerOf(reader.bytes(), fail), type, depth + 1)
  }
  if (wire !== scalar.wire) fail('a field has the wrong wire type')
  return scalar.read(reader)
}

const SCALARS: Readonly<Record<string, { readonly wire: number; readonly read: (reader: ProtobufReader) => unknown }>> =
  {
    s: { wire: 2, read: (reader) => reader.text() },
    y: { wire: 2, read: (reader) => base64(reader.bytes()) },
    i: { wire: 0, read: (reader) => Number(reader.integer()) },
    b: { wire: 0, read: (reader) => reader.integer() !== 0n },
    d: { wire: 1, read: (reader) => reader.double() },
  }

function mapEntry(bytes: Uint8Array, type: string, depth: number): readonly [string, unknown] {
  const reader = readerOf(bytes, fail)
  let key = ''
  let value: unknown = type === 's' || type === 'y' ? '' : undefined
  while (!reader.atEnd()) {
    const { number, wire } = reader.tag()
    if (number === 1 && wire === 2) key = reader.text()
    else if (number === 2) value = decodeValue(type, { reader, wire, depth })
    else reader.skip(wire)
  }
  return [key, value]
}

/** Also for keys such as `__proto__`, which an assignment would take for something else. */
function define(fields: Fields, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, writable: true, configurable: true })
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
