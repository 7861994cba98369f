/** Protobuf's wire format: tags, variable-length integers, and what has a length. */

export interface ProtobufReader {
  atEnd(): boolean
  tag(): { readonly number: number; readonly wire: number }
  /** A variable-length integer as a signed 64-bit one. */
  integer(): bigint
  double(): number
  bytes(): Uint8Array
  text(): string
  /** Passes over a value of a wire type. */
  skip(wire: number): void
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads `source`; `fail` is called for bytes that are none of this format. */
export function readerOf(source: Uint8Array, fail: (message: string) => never): ProtobufReader {
  let place = 0
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)

  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = source[place++]
      if (byte === undefined) return fail('the body ends inside a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return fail('a number is too long')
  }
  const take = (length: number): Uint8Array => {
    if (length > source.length - place) return fail('the body ends inside a field')
    const taken = source.subarray(place, place + length)
    place += length
    return taken
  }
  const bytes = (): Uint8Array => take(Number(varint()))

  return {
    atEnd: () => place >= source.length,
    tag: () => {
      const tag = Number(varint())
      return { number: Math.floor(tag / 8), wire: tag % 8 }
    },
    integer: () => BigInt.asIntN(64, varint()),
    double: () => {
      take(8)
      return view.getFloat64(place - 8, true)
    },
    bytes,
    text: () => {
      try {
        return decoder.decode(bytes())
      } catch (error) {
        if (error instanceof TypeError) return fail('a text is not valid UTF-8')
        throw error
      }
    },
    skip: (wire) => {
      if (wire === 0) varint()
      else if (wire === 1) take(8)
      else if (wire === 2) bytes()
      else if (wire === 5) take(4)
      else fail(`there is no wire type ${wire}`)
    },
  }
}
