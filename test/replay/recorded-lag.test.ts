/** `explore --from` of a recording begins with caches that are as far behind as they were. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineController, defineScenario } from 'kamera'
import { describe, expect, it } from 'vitest'
import { readFrom } from '#cli/explore-from.ts'
import { explore } from '#explore.ts'
import { unheardAtStep } from '#replays/recorded-lag.ts'
import type { TraceEvent } from '#trace/trace-event.ts'

const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const map = (color: string, version: number) => ({
  ...type,
  metadata: {
    namespace: 'default',
    name: 'a',
    uid: 'uid-a',
    resourceVersion: `${version}`,
    labels: { original: 'yes' },
  },
  data: { color },
})

/** `copier` was told of red; blue went to `other`. What follows is told to `copier`, too. */
const lines: readonly Record<string, unknown>[] = [
  { type: 'watch-begin', process: 'copier', watch: 'w1', object: type, resourceVersion: '5' },
  { type: 'watch-begin', process: 'other', watch: 'w2', object: type, resourceVersion: '5' },
  ...['copier', 'other'].map((process) => told(process, 'red', 7)),
  ...['copier', 'other'].map((process) => ({
    type: 'reconcile-begin',
    reconcile: `${process} #1`,
    process,
    controller: process,
    request: { name: 'a' },
    causes: [],
  })),
  told('other', 'blue', 9),
  told('copier', 'blue', 9),
]

function told(process: string, color: string, version: number) {
  const names = { object: 'ConfigMap default/a', resourceVersion: `${version}`, value: map(color, version) }
  return { type: 'delivery', process, watch: 'w', event: color === 'red' ? 'ADDED' : 'MODIFIED', late: false, ...names }
}

const events = lines.map((line, step) => ({ step, ...line })) as unknown as readonly TraceEvent[]
const [BEHIND, CURRENT] = [6, 7]

/** Copies the colour once, and leaves a copy that is there as it is. */
const copier = (name: string) =>
  defineController({
    name,
    process: name,
    for: type,
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name: of }) {
        const original = await client.tryGet(type, { namespace, name: of })
        if (original?.metadata.labels?.['original'] !== 'yes') return
        if ((await client.tryGet(type, { namespace, name: `${of}-copy` })) !== undefined) return
        const body = { ...type, metadata: { namespace, name: `${of}-copy` }, data: original['data'] }
        await client.create(body)
      },
    }),
  })

async function colors(step: number, controller: string): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kamera-lag-'))
  try {
    const header = { type: 'trace', formatVersion: 1, source: 'live', recorder: 'proxy', recording: 'r', part: 1 }
    writeFileSync(join(directory, 't.jsonl'), `${[header, ...events].map((line) => JSON.stringify(line)).join('\n')}\n`)
    const { apply } = readFrom(`t.jsonl@${step}`, directory, () => {})
    const scenario = apply(
      defineScenario({ name: 'copies', settled: true, initialRequests: [], controllers: [copier(controller)] }),
    )
    const report = await explore(scenario, { faults: 0, granularity: 'write', profiles: ['lagging'] })
    expect(report.exhaustive).toBe(true)
    const found = report.outcomes.map(
      ({ first }) =>
        JSON.stringify(first.steps)
          .match(/"color":"(\w+)"/g)
          ?.at(-1) ?? '',
    )
    expect(new Set(found).size).toBe(report.outcomes.length)
    return found.map((text) => text.slice(9, -1)).sort()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe('explore --from of a recording', () => {
  it('knows what each process had not been told', () => {
    const { resourceVersion: _, ...metadata } = map('red', 7).metadata
    expect(unheardAtStep(events, BEHIND)).toEqual({
      changes: [{ before: { ...map('red', 7), metadata }, after: { ...map('blue', 9), metadata } }],
      behind: [
        { controller: 'copier', kind: type, from: 0 },
        { controller: 'other', kind: type, from: 1 },
      ],
    })
    expect(unheardAtStep(events, CURRENT)).toBeUndefined()
  })

  it('leaves out what is not certain: selectors, caches not filled yet, objects made anew', () => {
    const changed = (change: (event: TraceEvent) => object) =>
      events.map((each) => ({ ...each, ...change(each) }) as TraceEvent)
    const selected = changed(({ type: of }) => (of === 'watch-begin' ? { labelSelector: 'x=y' } : {}))
    expect(unheardAtStep(selected, BEHIND)).toBeUndefined()
    const unfilled = events.filter((event) => event.type !== 'reconcile-begin')
    expect(unheardAtStep(unfilled, BEHIND)).toBeUndefined()
    const anew = changed((event) =>
      event.type === 'delivery' && event.resourceVersion === '9'
        ? { value: { ...map('blue', 9), metadata: { ...map('blue', 9).metadata, uid: 'other' } } }
        : {},
    )
    expect(unheardAtStep(anew, BEHIND)).toBeUndefined()
  })

  it('finds what a cache that was behind leads to, without a fault, and only for the process that was', async () => {
    expect(await colors(BEHIND, 'copier')).toEqual(['blue', 'red'])
    expect(await colors(BEHIND, 'other')).toEqual(['blue'])
    expect(await colors(CURRENT, 'copier')).toEqual(['blue'])
  }, 120_000)
})
