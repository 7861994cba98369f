/** The transcripts of real API servers against `kamera serve`, over a socket, by the runner that comes with them. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram, startServer } from './serve-process.ts'

const folder = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url))

if (existsSync(folder)) {
  describe('kamera serve and the transcripts of real API servers', async () => {
    const server = await startServer([])
    afterAll(() => server.stop())

    const replay = async (...more: readonly string[]): Promise<string> => {
      const words = [`${folder}run.mjs`, '--server', server.url, '--quiet', ...more, `${folder}cases`]
      return (await runProgram(process.execPath, words)).out
    }

    it('passes all that need no hook', { timeout: 240_000 }, async () => {
      expect(await replay('--jobs', '32')).toMatch(/^(skip .*\n)*\d{3} passed, 0 failed(, \d+ skipped)?\n$/)
    })

    // Compaction forgets the history that other cases watch from, so these run by themselves.
    it('passes those that forget history', { timeout: 60_000 }, async () => {
      const hook = `compact=curl -sf -X POST ${server.url}/kamera.dev/compact`
      const only = '(410|expired|compact|too-old|continue)'
      expect(await replay('--hook', hook, '--only', only)).toMatch(/^\d+ passed, 0 failed\n$/)
    })
  })
} else {
  // biome-ignore lint/suspicious/noSkippedTests: a lone clone has no transcripts, and says so by name
  it.skip('kamera serve and the transcripts are skipped: ../shared/conformance is not there', () => {})
}
