/** Bytes that are no HTTP request, in front of a large body; from another process, where sending and answering race. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { serve } from '../../src/serve.ts'

const client = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1')
socket.on('data', (chunk) => process.stdout.write(chunk))
socket.on('error', () => {})
const head = 'PUT /api/\\u00fc HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\ncontent-length: 10000000\\r\\n\\r\\n'
socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(10_000_000, 'x')]))
`

it('answers a malformed request line although a large body follows', { timeout: 120_000 }, async () => {
  const server = await serve()
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', client, new URL(server.url).port])
    expect(stdout).toContain('HTTP/1.1 400 Bad Request')
  } finally {
    await server.close()
  }
})
