import { expect, it } from 'vitest'
import { fight, forkedOutcome, reportWith, staleDeletion } from '../../test/cli/reports.ts'
import { annotationLines } from './annotations.ts'
import { junitXml } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { sarifJson } from './sarif.ts'

const violated = { path: 'a b/scenario.ts', report: reportWith([staleDeletion, forkedOutcome, fight]) }
const holds = { path: 'fixed/scenario.ts', report: reportWith([]) }
const open = { path: 'open/scenario.ts', report: reportWith([], { verdict: 'inconclusive', exhaustive: false }) }
const broken = { path: 'broken/scenario.ts' }

/** Throws where tags do not match; text and attributes may hold no bare markup. */
function tagsOf(xml: string): readonly string[] {
  const open: string[] = []
  const met: string[] = []
  for (const [, end, name = '', rest = ''] of xml.matchAll(/<(\/?)([a-z?]+)((?:\s[a-z]+="[^"<]*")*\s*[/?]?)>/gi)) {
    if (end === '/') expect(open.pop()).toBe(name)
    else met.push(name)
    if (end === '' && !/[/?]$/.test(rest)) open.push(name)
  }
  expect(open).toEqual([])
  return met
}

it('has a failed test for each finding, and none passed that was not searched to its end', () => {
  const xml = junitXml([violated, holds, open, broken])
  const tags = tagsOf(xml)
  const count = (name: string) => tags.filter((tag) => tag === name).length
  expect([count('testsuite'), count('testcase'), count('failure'), count('skipped'), count('error')]).toEqual([
    4, 6, 3, 1, 1,
  ])
  expect(xml).toContain('tests="3" failures="3" errors="0" skipped="0"')
})

it('writes text from outside so that XML can be read', () => {
  const message = 'a < b & "c" ]]> \u0000\u001b[31m \ud800 \uffff </failure>'
  const xml = junitXml([{ path: 'x"<.ts', report: reportWith([{ ...staleDeletion, message }]) }])
  expect(tagsOf(xml)).toEqual(['?xml', 'testsuites', 'testsuite', 'testcase', 'failure'])
  expect(xml).toContain('a &lt; b &amp; &quot;c&quot; ]]&gt;')
  expect(xml).not.toMatch(/[^\n\u0020-\ud7ff\ue000-\ufffd]/)
})

it('has a rule for each oracle and a result for each finding, known by its key', () => {
  const log = JSON.parse(sarifJson([violated, holds])) as {
    readonly runs: readonly [
      {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
        readonly results: readonly {
          readonly ruleId: string
          readonly ruleIndex: number
          readonly partialFingerprints: object
          readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: object } }[]
        }[]
        readonly invocations: readonly { readonly executionSuccessful: boolean }[]
      },
    ]
  }
  const [run] = log.runs
  expect(run.results.map(({ ruleId }) => ruleId)).toEqual(violated.report.findings.map(({ oracle }) => oracle))
  for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  expect(run.results[0]?.partialFingerprints).toEqual({ 'kameraFinding/v1': staleDeletion.key })
  expect(run.results[0]?.locations[0]?.physicalLocation.artifactLocation).toEqual({ uri: 'a%20b/scenario.ts' })
  expect(run.invocations[0]?.executionSuccessful).toBe(true)
  expect(sarifJson([broken])).toContain('"executionSuccessful": false')
})

it('annotates the file of a scenario, one line a finding, whatever is in its text', () => {
  const message = 'one\r\ntwo 100% ::warning::three'
  const hostile = {
    path: 'a,b:c/scenario.ts',
    report: reportWith([{ ...staleDeletion, message, explanation: undefined as never }]),
  }
  expect(annotationLines([hostile, holds, open, broken]).trim().split('\n')).toEqual([
    `::error file=a%2Cb%3Ac/scenario.ts,line=1,title=kamera%3A no-delete-on-stale-evidence::one%0Atwo 100%25 ::warning::three%0AReplay: ${staleDeletion.replay}`,
    expect.stringMatching(/^::warning file=open\/scenario\.ts,line=1,/),
    expect.stringMatching(/^::error file=broken\/scenario\.ts,line=1,/),
  ])
})

it('summarises as Markdown in which text from outside stays text', () => {
  const message = '<img src=x> [a](http://b) `c` @everyone | ``` \n# d'
  const text = markdownReport([{ path: 'x', report: reportWith([{ ...staleDeletion, message }]) }, holds, open, broken])
  expect(text).toContain('# Kamera: 1 finding, 1 scenario could not be explored, 1 search inconclusive')
  expect(text).toContain('| broken/scenario.ts | ⚠️ could not be explored | | | |')
  const [prose = ''] = text.split('<details>')
  expect(prose).not.toMatch(/<img|[^\\]\]\(|@everyone|http:|\n# d/)
  expect(prose).toContain('&lt;img src=x&gt; \\[a\\](')
  // The fence around the steps is longer than any that a message has in it.
  expect(text).toMatch(/\n````text\n/)
})

it('keeps a summary within what GitHub shows', () => {
  const many = Array.from({ length: 400 }, () => staleDeletion)
  const text = markdownReport([{ path: 'x', report: reportWith(many) }])
  expect(text.length).toBeLessThan(301_000)
  expect(text).toMatch(/more would make this too long/)
})
