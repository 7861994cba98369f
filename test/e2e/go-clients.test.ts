/** Kubernetes' own Go clients against `kamera serve`: typed and dynamic client, informers, leader election, a manager. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram, type ServerProcess, startServer } from '../serve/serve-process.ts'
import { goProgram } from './go-program.ts'

const go = goProgram()

if ('missing' in go) {
  // biome-ignore lint/suspicious/noSkippedTests: without Go and its modules there is no client-go, and the test says so by name
  it.skip(`Go clients are skipped: ${go.missing}`, () => {})
} else {
  describe('Go clients against kamera serve', () => {
    let server: ServerProcess
    let lines: readonly string[] = []
    let errors = ''
    beforeAll(async () => {
      const program = go.build()
      server = await startServer([])
      const { out, error } = await runProgram(program, [], { KUBECONFIG: server.kubeconfig })
      lines = out.trim().split('\n')
      errors = error
    }, 900_000)
    afterAll(async () => {
      await server?.stop()
    })

    for (const name of ['typed', 'dynamic', 'informers', 'leader-election', 'manager']) {
      it(`${name}`, () => {
        const line = lines.find((text) => text.startsWith(`ok ${name}`) || text.startsWith(`FAILED ${name}:`))
        expect(line, errors).toBe(`ok ${name}`)
      })
    }

    it('meets no fault of the server', () => {
      expect(server.errors()).toBe('')
    })
  })
}
