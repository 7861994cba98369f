import { describe, expect, it } from 'vitest'
import { fight, forkedOutcome, reportWith, staleDeletion } from '../../test/cli/reports.ts'
import { textReport } from './text-report.ts'

describe('the text report', () => {
  it('is this for a stale deletion, a fork and a fight', async () => {
    const text = textReport(reportWith([staleDeletion, forkedOutcome, fight]))
    await expect(text).toMatchFileSnapshot('golden/violated.txt')
  })

  it('is this when nothing is violated', async () => {
    await expect(textReport(reportWith([]))).toMatchFileSnapshot('golden/holds.txt')
  })

  it('never says "holds" for a search that met a limit', () => {
    const text = textReport(
      reportWith([], {
        verdict: 'inconclusive',
        exhaustive: false,
        bounds: { faults: 1, cuts: ['time-limit 60000 ms'] },
      }),
    )
    expect(text).not.toContain('holds')
    expect(text.split('\n').slice(0, 4)).toMatchInlineSnapshot(`
      [
        "? zookeeper: inconclusive",
        "  Nothing violated so far, but that is no proof. The search with up to 1 fault under lagging was not",
        "  exhaustive: time-limit 60000 ms.",
        "  Bounds: faults 1",
      ]
    `)
  })

  it('uses colour only when asked to, and the same words with it', () => {
    const report = reportWith([staleDeletion, forkedOutcome, fight])
    const coloured = textReport(report, { colour: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is an escape sequence
    const escape = /\u001b\[\d+m/g
    expect(coloured).toMatch(escape)
    expect(coloured.replace(escape, '')).toBe(textReport(report))
  })

  it('keeps to the columns of the terminal, but for words that are longer', () => {
    for (const columns of [60, 80, 140]) {
      const lines = textReport(reportWith([staleDeletion, forkedOutcome, fight]), { columns }).split('\n')
      const long = lines.filter(
        (line) =>
          line.length > columns &&
          !line.startsWith('Replay') &&
          !line.startsWith('lagging') &&
          !line.startsWith('profile'),
      )
      expect(long).toEqual([])
    }
  })

  it('never lets an escape sequence of an object through', () => {
    const hostile = {
      ...staleDeletion,
      message: 'deletes \u001b[2J\u001b]0;owned\u0007Pod a\u202eb\u0000',
      objects: ['Pod \u009b31mred'],
    }
    const text = textReport(reportWith([hostile]))
    expect(text).toContain('deletes Pod ab')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  it('shows that the data of a Secret changed, but not to what', () => {
    const secret = (password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        namespace: 'default',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${password}"}` },
      },
      data: { password, user: 'YWRtaW4=' },
    })
    const step = {
      ...fight.path.steps[0]!,
      writes: [
        {
          op: 'update' as const,
          object: 'Secret default/s',
          outcome: 'committed' as const,
          before: secret('b2xk'),
          after: secret('bmV3'),
        },
      ],
    }
    const text = textReport(reportWith([{ ...fight, path: { actions: ['0'], steps: [step] } }]), { columns: 300 })
    expect(text).toContain('data.password: (redacted 2) → (redacted 5)')
    expect(text).not.toMatch(/b2xk|bmV3|YWRtaW4=/)
  })
})
