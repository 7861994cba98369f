/**
 * Replays the transcripts of ../shared/conformance, recorded from real API servers, against the pure API server.
 * Without that folder (a lone clone) they are reported as skipped. `notCovered` names each case that does not pass yet.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startInProcessServer, type TranscriptRequest, type TranscriptResponse } from './in-process-server.ts'
import { notCovered } from './not-covered.ts'

const folder = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url))

interface RequestStep {
  readonly request: TranscriptRequest
  readonly expect: unknown
}
interface WatchStep {
  readonly watch: TranscriptRequest
  readonly during?: readonly (RequestStep | { readonly sleepMs: number })[]
  readonly expect: unknown
}
interface Transcript {
  readonly area: string
  readonly name: string
  readonly about: string
  readonly setup?: readonly { readonly request: TranscriptRequest }[]
  readonly steps: readonly (RequestStep | WatchStep | { readonly hook: string } | { readonly sleepMs: number })[]
}
type Difference = { readonly path: string } | undefined
interface Bindings {
  fill<T>(value: T): T
}
/** What run.mjs of the transcripts exports. */
interface Runner {
  readonly Bindings: new (vars: { readonly ns: string; readonly group: string }) => Bindings
  freshVars(): { ns: string; group: string }
  checkResponse(
    expected: unknown,
    actual: TranscriptResponse,
    bindings: Bindings,
    transcript: Transcript,
    where: string,
  ): Difference
  checkWatch(expected: unknown, actual: object, bindings: Bindings, transcript: Transcript, where: string): Difference
  loadCases(folders: readonly string[]): readonly Transcript[]
}

/** The first difference between the transcript and the server's answers. */
function replay(runner: Runner, transcript: Transcript): Difference {
  const server = startInProcessServer()
  const bindings = new runner.Bindings(runner.freshVars())
  for (const { request } of transcript.setup ?? []) {
    const { status, text } = server.send(bindings.fill(request))
    if (status >= 300) return { path: `setup ${request.path}: ${status} ${text}` }
  }
  const check = (step: RequestStep, where: string): Difference =>
    runner.checkResponse(step.expect, server.send(bindings.fill(step.request)), bindings, transcript, where)
  for (const [index, step] of transcript.steps.entries()) {
    const where = `steps[${index}]`
    let difference: Difference
    if ('hook' in step) {
      if (step.hook !== 'compact') return { path: `needs the hook ${step.hook}` }
      server.compact()
      continue
    }
    if ('sleepMs' in step) continue
    if ('watch' in step) {
      let inner: Difference
      const got = server.watch(bindings.fill(step.watch), () => {
        for (const [place, during] of (step.during ?? []).entries()) {
          if ('request' in during) inner ??= check(during, `${where}.during[${place}]`)
        }
      })
      difference = inner ?? runner.checkWatch(step.expect, got, bindings, transcript, where)
    } else difference = check(step, where)
    if (difference !== undefined) return difference
  }
  return undefined
}

if (existsSync(folder)) {
  const runner = (await import(/* @vite-ignore */ `${folder}run.mjs`)) as Runner
  const transcripts = runner.loadCases([`${folder}cases`])

  describe('transcripts of real API servers', () => {
    for (const transcript of transcripts) {
      const id = `${transcript.area}/${transcript.name}`
      const reason = notCovered[id]
      if (reason === undefined)
        it(`${id}: ${transcript.about}`, () => expect(replay(runner, transcript)).toBeUndefined())
      else it(`${id} is not covered yet (${reason})`, () => expect(replay(runner, transcript)).toBeDefined())
    }

    it('lists as not covered only cases that exist', () => {
      const ids = new Set(transcripts.map(({ area, name }) => `${area}/${name}`))
      expect(Object.keys(notCovered).filter((id) => !ids.has(id))).toEqual([])
    })
  })
} else {
  describe('transcripts of real API servers', () => {
    // biome-ignore lint/suspicious/noSkippedTests: a lone clone has no transcripts, and says so by name
    it.skip('are skipped: ../shared/conformance is not there', () => {})
  })
}
