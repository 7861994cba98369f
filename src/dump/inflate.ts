/** Unpacks one gzip member into text, in Node and in browsers alike. */

/** A block of a dump has 128 KiB and a line; what unpacks to more than this was made to fill memory. */
const SIZE_MAX = 256 * 1024 * 1024

export async function inflate(member: Uint8Array): Promise<string> {
  const whole = new Blob([member as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
  const reader = whole.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length
    if (size > SIZE_MAX) throw new Error(`a block unpacks to more than ${SIZE_MAX} octets`)
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}
