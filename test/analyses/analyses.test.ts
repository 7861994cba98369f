/** What the analyses say of small traces written by hand, exactly. */
import { describe, expect, test } from 'vitest'
import { createCausalGraph } from '#analyses/causal-graph.ts'
import { provenanceText, whyText } from '#analyses/causes-text.ts'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { lifecycleText } from '#analyses/lifecycle-text.ts'
import { findProvenance } from '#analyses/provenance.ts'
import { createSummary } from '#analyses/summary.ts'
import { explainReconcile } from '#analyses/why.ts'
import { begin, end, HEADER, LIVE_HEADER, readText, thing, thingType, update, written } from './traces.ts'

const OBJECT = 'ConfigMap default/a'
const END = { type: 'end', steps: 9 }

const woken = (step: number, event = 'MODIFIED') => ({ type: 'event', object: OBJECT, event, step })

const failed = (by: string, reason: string, step?: number) => {
  const { committed: _, ...call } = update(by, 1, {}, step)
  return { ...call, response: { status: { reason, code: 409 } }, committed: [] }
}

const read = (by: string, version: number) => ({
  type: 'call',
  by,
  verb: 'get',
  object: thingType,
  namespace: 'default',
  name: 'a',
  cached: true,
  request: {},
  response: { object: thing(version, {}) },
})

/** `user` writes x; `left` sets it back, `right` again, `times` times each. */
function quarrel(times: number): string {
  const events: object[] = [update('user', 10, { x: 'left', y: '0' }, 0)]
  let step = 0
  for (let round = 0; round < times; round++) {
    for (const who of ['right', 'left']) {
      const id = `${who} #${++step}`
      events.push(begin(id, who, [woken(step - 1)], step), update(id, 10 + step, { x: who, y: String(step) }), end(id))
    }
  }
  return written([...events, END])
}

describe('summary', () => {
  const summaryOf = (text: string) => {
    const summary = createSummary()
    readText(text, summary)
    return summary.result()
  }

  test('counts reconciles, no-ops, errors, conflicts and writes that change nothing', () => {
    const events = [
      begin('c #1', 'c', [woken(-1), { type: 'start' }], 0),
      read('c #1', 3),
      failed('c #1', 'Conflict'),
      end('c #1', 'error'),
      begin('c #2', 'c', [{ type: 'retry' }], 1),
      { ...update('c #2', 3, {}), committed: [] },
      end('c #2'),
      { ...begin('c #3', 'c', [], 2), inferred: true },
      failed('c #3', 'Forbidden'),
      update('c #3', 4, {}),
      end('c #3'),
      begin('c #4', 'c', [{ type: 'event', object: 'Pod default/p', event: 'ADDED', step: 2 }], 3),
      { type: 'crash', process: 'p', abandoned: ['c #4'] },
      END,
    ]
    const { controllers, crashes, fights, hotLoops } = summaryOf(written(events))
    expect(controllers).toEqual([
      {
        controller: 'c',
        process: 'p',
        reconciles: 4,
        inferred: 1,
        noOps: 1,
        errors: 1,
        unfinished: 1,
        reads: 1,
        cachedReads: 1,
        writes: 4,
        unchangedWrites: 1,
        conflicts: 1,
        failures: { Forbidden: 1 },
        recreations: 0,
        causes: { 'event ConfigMap': 1, start: 1, retry: 1, 'event Pod': 1 },
        unreadWatches: ['Pod'],
      },
    ])
    expect({ crashes, fights, hotLoops }).toEqual({ crashes: 1, fights: [], hotLoops: [] })
  })

  test('calls no watch unread where reads of caches are not in the trace', () => {
    const events = [begin('c #1', 'c', [woken(-1)], 0), { ...end('c #1'), step: 1 }, { ...END, step: 2 }]
    const unread = (header: object) => summaryOf(written(events, header)).controllers[0]?.unreadWatches
    expect(unread(LIVE_HEADER)).toEqual([])
    expect(unread({ ...LIVE_HEADER, recorder: 'import' })).toEqual(['ConfigMap'])
    expect(unread(HEADER)).toEqual(['ConfigMap'])
  })

  test('tells fights by field, from the second return on', () => {
    expect(summaryOf(quarrel(1)).fights).toEqual([])
    const { fights } = summaryOf(quarrel(3))
    expect(fights).toMatchObject([{ object: OBJECT, field: 'data.x', between: ['left', 'right'], returns: 5 }])
  })

  test('does not take two controllers with a field each for a fight', () => {
    const events = Array.from({ length: 20 }, (_, index) => [
      begin(`c${index % 2} #${index}`, `c${index % 2}`, [], index),
      update(`c${index % 2} #${index}`, 10 + index, { x: String(index >> 1), y: String((index + 1) >> 1) }),
      end(`c${index % 2} #${index}`),
    ])
    expect(summaryOf(written([...events.flat(), END])).fights).toEqual([])
  })

  test('tells hot loops: reconciles that nothing but their own writes woke', () => {
    const loop = (length: number, cause: (index: number) => object) =>
      Array.from({ length }, (_, index) => [
        begin(`c #${index}`, 'c', [cause(index)], index),
        update(`c #${index}`, 10 + index, { n: String(index) }),
        end(`c #${index}`),
      ]).flat()
    const own = written([...loop(7, (index) => woken(index - 1)), END])
    expect(summaryOf(own).hotLoops).toEqual([{ controller: 'c', request: 'default/a', reconciles: 7, line: 2 }])
    expect(summaryOf(written([...loop(4, (index) => woken(index - 1)), END])).hotLoops).toEqual([])
    expect(summaryOf(written([...loop(7, () => woken(-1)), END])).hotLoops).toEqual([])
  })
})

describe('lifecycle', () => {
  const textOf = (text: string): readonly string[] => {
    const lifecycle = createLifecycle(OBJECT)
    readText(text, lifecycle)
    const result = lifecycle.result()
    return result === undefined ? [] : lifecycleText(result, 100)
  }

  test('tells each change, who made it and which fields differ, and attempts in vain', () => {
    const events = [
      { ...update('user', 10, { x: '1' }, 0), verb: 'create' },
      begin('c #1', 'c', [woken(0, 'ADDED')], 1),
      failed('c #1', 'Conflict'),
      update('c #1', 12, { x: '2', y: '1' }),
      { ...update('c #1', 12, { x: '2', y: '1' }), committed: [] },
      {
        ...update('c #1', 13, {}),
        verb: 'delete',
        response: { object: null },
        committed: [{ object: OBJECT, resourceVersion: '13', removed: true }],
      },
      end('c #1'),
      END,
    ]
    expect(textOf(written(events))).toEqual([
      OBJECT,
      '',
      'step 0, line 2: created by user (create) → 10',
      '',
      'step 1, line 5: changed by c #1 (update) → 12',
      '  ~ data.x: "1" → "2"',
      '  + data.y: "1"',
      '',
      'step 1, line 7: removed by c #1 (delete) → 13',
      '',
      'Attempts that changed nothing',
      '  step 1, line 4: update by c #1: Conflict',
      '  step 1, line 6: update by c #1: unchanged',
    ])
  })

  test('shows versions that nobody in the trace wrote', () => {
    expect(textOf(written([begin('c #1', 'c', [], 0), read('c #1', 3), read('c #1', 3), END]))).toEqual([
      OBJECT,
      '',
      'step 0, line 3: seen, written by nobody in the trace → 3',
    ])
  })

  test('knows a write whose event came before its answer', () => {
    const delivery = { type: 'delivery', process: 'p', event: 'ADDED', object: OBJECT, resourceVersion: '10' }
    const live = [
      { ...delivery, step: 0, value: thing(10, {}) },
      { ...update('p', 10, {}, 1), verb: 'create' },
      {
        ...update('p', 0, {}, 2),
        verb: 'delete',
        response: { status: {} },
        committed: [{ object: OBJECT, resourceVersion: '', removed: true }],
      },
      { ...delivery, step: 3, event: 'DELETED', resourceVersion: '11' },
      { ...delivery, step: 4, resourceVersion: '12', value: thing(12, {}) },
      { ...delivery, step: 5, event: 'DELETED', resourceVersion: '13' },
      // It took the last finalizer away, and is answered the version that was before.
      { ...update('p', 12, {}, 6), committed: [{ object: OBJECT, resourceVersion: '', removed: true }] },
      { ...END, step: 7 },
    ]
    expect(textOf(written(live, LIVE_HEADER)).filter((line) => line.startsWith('step'))).toEqual([
      'step 0, line 2: created by p (create) → 10',
      'step 2, line 4: removed by p (delete) → 11',
      'step 4, line 6: seen, written by nobody in the trace → 12',
      'step 5, line 7: removed by p (update) → 13',
    ])
  })
})

test('an object that a selector takes no more goes on in its lifecycle', () => {
  const lifecycle = createLifecycle(OBJECT)
  const told = (step: number, watch: string, event: string, version: number) => {
    const { metadata, ...rest } = thing(version, {})
    const value = { ...rest, metadata: { ...metadata, uid: 'u' } }
    const at = { object: OBJECT, resourceVersion: String(version), late: false, value }
    return { step, type: 'delivery', process: 'p', watch, event, ...at }
  }
  const events = [
    told(0, 'some', 'ADDED', 10),
    told(1, 'some', 'DELETED', 11),
    told(2, 'some', 'ADDED', 12),
    told(3, 'some', 'DELETED', 13),
    told(4, 'all', 'MODIFIED', 13),
    told(5, 'all', 'DELETED', 14),
    { ...END, step: 6 },
  ]
  readText(written(events, LIVE_HEADER), lifecycle)
  const changes = lifecycle.result()?.changes.map(({ change, resourceVersion }) => `${change} ${resourceVersion}`)
  expect(changes).toEqual(['seen 10', 'seen 11', 'seen 12', 'seen 13', 'removed 14'])
})

describe('causes', () => {
  const graphOf = (text: string) => {
    const graph = createCausalGraph()
    readText(text, graph)
    return graph.graph()
  }
  const events = [
    update('user', 10, {}, 0),
    begin('c #1', 'c', [woken(0)], 1),
    update('c #1', 11, {}),
    end('c #1', 'error'),
    begin('d #2', 'd', [woken(1)], 2),
    update('d #2', 12, {}),
    begin('c #3', 'c', [woken(2), { type: 'retry' }], 3),
    END,
  ]

  test('why goes back to what came from outside, each reconcile once', () => {
    const graph = graphOf(written(events))
    const reconcile = graph.reconcile('c #3')
    expect(reconcile && whyText(explainReconcile(graph, reconcile))).toMatchInlineSnapshot(`
      [
        "c #3 (step 3, line 8)",
        "  ConfigMap default/a MODIFIED ← ConfigMap default/a → 12: update by d #2 (step 2, line 7)",
        "    d #2 (step 2, line 6)",
        "      ConfigMap default/a MODIFIED ← ConfigMap default/a → 11: update by c #1 (step 1, line 4)",
        "        c #1 (step 1, line 3)",
        "          ConfigMap default/a MODIFIED ← ConfigMap default/a → 10: update by user (step 0, line 2)",
        "  it was to be tried again, after",
        "    c #1 (step 1, line 3): see above",
        "",
        "It began with",
        "  ConfigMap default/a → 10: update by user (step 0, line 2)",
      ]
    `)
  })

  test('provenance goes back, and tells what else the change caused', () => {
    const found = findProvenance(graphOf(written(events)), OBJECT)
    expect(found && provenanceText(found)).toMatchInlineSnapshot(`
      [
        "ConfigMap default/a",
        "  ConfigMap default/a → 10: update by user (step 0, line 2) ← line 2",
        "  ConfigMap default/a → 11: update by c #1 (step 1, line 4) ← line 2",
        "  ConfigMap default/a → 12: update by d #2 (step 2, line 7) ← line 2",
        "",
        "ConfigMap default/a → 10: update by user (step 0, line 2) caused",
        "  c #1 (line 3), woken by ConfigMap default/a → 10",
        "    * ConfigMap default/a → 11: update (line 4)",
        "    d #2 (line 6), woken by ConfigMap default/a → 11",
        "      * ConfigMap default/a → 12: update (line 7)",
        "    c #3 (line 8), woken by its retry or timer",
      ]
    `)
  })

  test('of a recording go back to changes that watches told of, and nobody who is recorded made', () => {
    const told = (version: number, step: number) => ({
      step,
      type: 'delivery',
      process: 'p',
      watch: 'watch 1',
      event: 'MODIFIED',
      object: OBJECT,
      resourceVersion: String(version),
      late: false,
      value: thing(version, {}),
    })
    const live = [
      told(9, 0),
      begin('c #1', 'c', [woken(-1)], 1),
      { ...update('c #1', 11, {}), step: 2 },
      { ...end('c #1'), step: 3 },
      told(10, 4),
      told(11, 5),
      // Its answer came after the reconcile that its event woke.
      told(12, 6),
      begin('c #2', 'c', [woken(-1), woken(2), woken(-1)], 7),
      { ...update('c #2', 13, {}), step: 8 },
      { ...update('user', 12, {}), step: 9 },
      { ...END, step: 10 },
    ]
    const graph = graphOf(written(live, LIVE_HEADER))
    const reconcile = graph.reconcile('c #2')
    expect(reconcile && whyText(explainReconcile(graph, reconcile))).toMatchInlineSnapshot(`
      [
        "c #2 (step 7, line 9)",
        "  ConfigMap default/a MODIFIED ← ConfigMap default/a → 10: seen, written by nobody in the trace (step 4, line 6)",
        "  ConfigMap default/a MODIFIED ← ConfigMap default/a → 11: update by c #1 (step 2, line 4)",
        "    c #1 (step 1, line 3)",
        "      ConfigMap default/a MODIFIED ← ConfigMap default/a → 9: seen, written by nobody in the trace (step 0, line 2)",
        "  ConfigMap default/a MODIFIED ← ConfigMap default/a → 12: update by user (step 9, line 11)",
        "",
        "It began with",
        "  ConfigMap default/a → 9: seen, written by nobody in the trace (step 0, line 2)",
        "  ConfigMap default/a → 10: seen, written by nobody in the trace (step 4, line 6)",
        "  ConfigMap default/a → 12: update by user (step 9, line 11)",
      ]
    `)
    const found = findProvenance(graph, OBJECT)
    expect(found && provenanceText(found)).toMatchInlineSnapshot(`
      [
        "ConfigMap default/a",
        "  ConfigMap default/a → 9: seen, written by nobody in the trace (step 0, line 2) ← line 2",
        "  ConfigMap default/a → 10: seen, written by nobody in the trace (step 4, line 6) ← line 6",
        "  ConfigMap default/a → 11: update by c #1 (step 2, line 4) ← line 2",
        "  ConfigMap default/a → 12: update by user (step 9, line 11) ← line 11",
        "  ConfigMap default/a → 13: update by c #2 (step 8, line 10) ← line 2, 6, 11",
        "",
        "ConfigMap default/a → 9: seen, written by nobody in the trace (step 0, line 2) caused",
        "  c #1 (line 3), woken by ConfigMap default/a → 9",
        "    * ConfigMap default/a → 11: update (line 4)",
        "    c #2 (line 9), woken by ConfigMap default/a → 11",
        "      * ConfigMap default/a → 13: update (line 10)",
        "",
        "ConfigMap default/a → 10: seen, written by nobody in the trace (step 4, line 6) caused",
        "  c #2 (line 9), woken by ConfigMap default/a → 10",
        "    * ConfigMap default/a → 13: update (line 10)",
        "",
        "ConfigMap default/a → 12: update by user (step 9, line 11) caused",
        "  c #2 (line 9), woken by ConfigMap default/a → 12",
        "    * ConfigMap default/a → 13: update (line 10)",
      ]
    `)
  })

  test('begin with calls that were taken for a reconcile, and that nothing woke; a start shows what was listed', () => {
    const live = [
      { ...begin('kubectl #1', 'kubectl', [], 0), inferred: true },
      { ...update('kubectl #1', 10, {}, 1), verb: 'create' },
      begin('c #2', 'c', [{ type: 'start', object: OBJECT, step: 1 }], 2),
      { ...update('c #2', 11, {}), step: 3 },
      { ...END, step: 4 },
    ]
    const graph = graphOf(written(live, LIVE_HEADER))
    const reconcile = graph.reconcile('c #2')
    expect(reconcile && whyText(explainReconcile(graph, reconcile))).toMatchInlineSnapshot(`
      [
        "c #2 (step 2, line 4)",
        "  its process started, and listed ConfigMap default/a ← ConfigMap default/a → 10: create by kubectl #1 (step 1, line 3)",
        "    kubectl #1 (step 0, line 2), inferred",
        "      for no cause that the trace tells",
        "",
        "It began with",
        "  ConfigMap default/a → 10: create by kubectl #1 (step 1, line 3)",
      ]
    `)
    const found = findProvenance(graph, OBJECT)
    expect(found?.changes.map(({ external }) => external)).toEqual([[3], [3]])
    expect(found?.external[0]?.caused.map(({ reconcile: caused }) => caused)).toEqual(['c #2'])
  })

  test('ends where causes go round', () => {
    const round = [
      begin('c #1', 'c', [woken(2)], 1),
      update('c #1', 11, {}),
      begin('d #2', 'd', [woken(1)], 2),
      update('d #2', 12, {}),
      END,
    ]
    const graph = graphOf(written(round))
    const reconcile = graph.reconcile('d #2')
    expect(reconcile && explainReconcile(graph, reconcile).reconciles.map(({ id }) => id)).toEqual(['d #2', 'c #1'])
    expect(findProvenance(graph, OBJECT)?.external).toEqual([])
  })
})
