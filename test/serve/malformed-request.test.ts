/** Bytes that are no HTTP request, in front of a large body. */
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { serve } from '../../src/serve.ts'

it('answers a malformed request line although a large body follows', { timeout: 120_000 }, async () => {
  const server = await serve()
  try {
    const answered = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString('latin1')))
      socket.on('error', () => undefined)
      socket.once('close', () => resolve(text))
      const head = `PUT /api/ü HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10000000\r\n\r\n`
      socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(10_000_000, 'x')]))
    })
    expect(answered).toContain('HTTP/1.1 400 Bad Request')
  } finally {
    await server.close()
  }
})
