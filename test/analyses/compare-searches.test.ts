/** Two searches side by side: dumps and reports of `--json`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { analyzeVerb } from '#cli/analyze.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { writeDumpFile } from '#dump/dump-file.ts'
import { explore } from '#explore.ts'
import type { PathRecord } from '#trace/path.ts'
import { fakeTerminal } from '../cli/terminal.ts'

const corpus = join(import.meta.dirname, '../../examples/corpus')
const found = async (faults: number) =>
  explore(await loadScenario(join(corpus, 'T2/scenario.ts'), { set: {}, workingDirectory: corpus }), { faults })

test('diff tells what only one search found, of dumps and reports alike', async () => {
  const terminal = fakeTerminal()
  const at = (name: string) => join(terminal.workingDirectory, name)
  const report = await found(0)
  const changed = {
    ...report,
    verdict: 'violated' as const,
    outcomes: [],
    findings: [{ key: 'always "two": operator delete Pod', message: 'a pod too few', faults: 1 }],
  }
  writeDumpFile(at('a.dump'), 'explore', [report], undefined)
  writeFileSync(at('a.jsonl'), `${JSON.stringify(report)}\n`)
  writeFileSync(at('b.jsonl'), `${JSON.stringify(changed)}\n`)
  const diff = (trace: string, subject: string) => analyzeVerb({ what: 'diff', trace, subject, json: false }, terminal)

  expect(await diff('a.dump', 'a.jsonl')).toBe(0)
  expect(terminal.outs.join('')).toContain('Both found the same.')
  expect(await diff('a.dump', 'b.jsonl')).toBe(1)
  const said = terminal.outs.join('')
  expect(said).toContain('They found different things.')
  expect(said).toMatch(/Findings of the second only\n {2}always "two": operator delete Pod: a pod too few/)
  expect(said).toContain('Outcomes of the first only')

  terminal.outs.length = 0
  expect(await analyzeVerb({ what: 'diff', trace: 'a.dump', subject: 'b.jsonl', json: true }, terminal)).toBe(1)
  expect(JSON.parse(terminal.outs.join(''))).toMatchObject({
    analysis: 'diff',
    result: { alike: false, scenarios: [{ findings: { both: 0 }, outcomes: { onlyRight: [] } }] },
  })
})

test('diff tells conflicts that only one search met, on the paths that are written out', async () => {
  const terminal = fakeTerminal()
  const at = (name: string) => join(terminal.workingDirectory, name)
  const report = await found(0)
  const failure = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure' } as const
  const status = { ...failure, code: 409, reason: 'Conflict', message: 'changed meanwhile' } as const
  const refused = (path: PathRecord): PathRecord => ({
    ...path,
    steps: path.steps.map((step) => ({
      ...step,
      writes:
        step.controller === undefined
          ? step.writes
          : [{ op: 'update', object: 'Pod default/a', outcome: 'failed', status }],
    })),
  })
  const changed = { ...report, outcomes: report.outcomes.map((each) => ({ ...each, first: refused(each.first) })) }
  writeFileSync(at('a.jsonl'), `${JSON.stringify(report)}\n`)
  writeFileSync(at('b.jsonl'), `${JSON.stringify(changed)}\n`)
  writeDumpFile(at('b.dump'), 'explore', [changed], undefined)
  for (const other of ['b.jsonl', 'b.dump']) {
    terminal.outs.length = 0
    expect(await analyzeVerb({ what: 'diff', trace: 'a.jsonl', subject: other, json: false }, terminal)).toBe(1)
    expect(terminal.outs.join('')).toMatch(
      /Conflicts of the second only, on the paths of findings and outcomes\n {2}\S+ updates Pod default\/a\n/,
    )
  }
})

test('names the line that is no report, and what cannot be compared', async () => {
  const terminal = fakeTerminal()
  const write = (name: string, text: string) => writeFileSync(join(terminal.workingDirectory, name), text)
  const diff = async (trace: string, subject: string) =>
    analyzeVerb({ what: 'diff', trace, subject, json: false }, terminal)
  write('a.jsonl', '{"formatVersion":1}\n')
  const report = { verdict: 'holds', exhaustive: true, bounds: {}, outcomes: [], findings: [], lints: [] }
  write('b.jsonl', JSON.stringify({ formatVersion: 1, scenario: 's', ...report }))
  expect(await diff('b.jsonl', 'b.jsonl')).toBe(0)
  await expect(diff('a.jsonl', 'a.jsonl')).rejects.toThrow('a.jsonl, line 1, is no report of a search.')
  write('trace.jsonl', '{"type":"trace","formatVersion":1,"source":"simulator"}\n')
  await expect(diff('b.jsonl', 'trace.jsonl')).rejects.toThrow('trace.jsonl, line 1, is no report of a search')
  await expect(diff('trace.jsonl', 'a.jsonl')).rejects.toThrow('a.jsonl is no trace')
  await expect(diff('b.jsonl', 'absent.jsonl')).rejects.toThrow('absent.jsonl cannot be read')
})
