/**
 * `npm run corpus [-- [--json] [ID…]]`: explores the acceptance corpus, each scenario as its `expected.json` says, and
 * prints a row for each; with `--json` one object a line. Exit status 1 when a row is not as expected.
 *
 * `oracle` is the first that `expected.json` names, and `profiles`, `steps` and `minimisedFrom` are those of its first
 * finding; `findings` are the oracles of all. `ms` is the whole command, from start to end. `states` are those of the last level.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root, run, seconds } from './run.mjs'

const corpus = join(root, 'examples/corpus')

/** Every variant of the examples asked for, in order: faulty and fixed, or the one scenario of a trap. */
function rowsAsked(ids) {
  const known = readdirSync(corpus).filter((id) => /^(AC|T)\d+$/.test(id))
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')} in examples/corpus: ${known.join(' ')}`)
  return known
    .filter((id) => ids.length === 0 || ids.includes(id))
    .sort()
    .flatMap((id) => {
      const expected = JSON.parse(readFileSync(join(corpus, id, 'expected.json'), 'utf8'))
      const variants = 'verdict' in expected ? { scenario: expected } : expected
      return Object.entries(variants).map(([variant, of]) => ({ id, variant, expected: of }))
    })
}

async function explore({ id, variant, expected }, folder) {
  const scenario = join(corpus, id, `${variant}.ts`)
  const options = ['explore', scenario, '--json', ...(expected.options ?? [])]
  const command = [join(root, 'dist/cli/main.js'), ...options]
  const { status, output, elapsedMs } = await run('node', command, { show: false, timeoutMs: 300_000, folder })
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) return { id, variant, verdict: 'error', difference: `exit ${status}: ${output.trim()}` }
  return rowOf({ id, variant, expected, report: JSON.parse(line), ms: Math.round(elapsedMs) })
}

function rowOf({ id, variant, expected, report, ms }) {
  const { verdict, statistics, findings, exhaustive, outcomes } = report
  const found = unique(findings.map(({ oracle }) => oracle))
  const finding = findings.find(({ oracle }) => oracle === expected.oracles[0]) ?? findings[0]
  const actual = {
    verdict,
    oracles: found,
    profiles: unique(findings.flatMap(({ profiles }) => profiles)),
    outcomes: outcomes.length,
    exhaustive,
  }
  // A bug stands whatever was cut; that there is none is said of all runs only.
  const wanted = { ...expected, exhaustive: expected.verdict === 'holds' ? true : exhaustive }
  const differences = Object.entries(actual)
    .map(([name, value]) => ({ name, value: text(value), expected: text(wanted[name]) }))
    .filter((each) => each.value !== each.expected)
  return {
    id,
    variant,
    verdict,
    oracle: finding?.oracle,
    profiles: finding?.profiles ?? [],
    states: statistics.statesDistinct,
    reconcilesExecuted: statistics.reconcilesExecuted,
    ms,
    steps: finding?.steps,
    minimisedFrom: finding?.minimisedFrom,
    findings: found,
    ...(differences.length === 0
      ? {}
      : { difference: differences.map((each) => `${each.name} ${each.value}, expected ${each.expected}`).join('; ') }),
  }
}

const unique = (names) => [...new Set(names)].sort()
const text = (value) => (Array.isArray(value) ? unique(value).join(' ') || 'none' : String(value))

const columns = ['id', 'variant', 'verdict', 'oracle', 'states', 'reconciles', 'ms', 'steps', 'from', 'profiles']

function printTable(rows) {
  const cells = rows.map((row) => [
    ...[row.id, row.variant, row.verdict, row.oracle, row.states, row.reconcilesExecuted, row.ms, row.steps],
    ...[row.minimisedFrom, (row.profiles ?? []).join(' ')],
  ])
  const lines = [columns, ...cells].map((line) => line.map((cell) => String(cell ?? '')))
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const isNumber = (column) => column >= 4 && column <= 8
  for (const line of lines) {
    const padded = line.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    )
    console.log(padded.join('  ').trimEnd())
  }
}

async function main(args) {
  const asked = rowsAsked(args.filter((arg) => !arg.startsWith('-')))
  if (!(await build())) return 70
  const folder = mkdtempSync(join(tmpdir(), 'kamera-corpus-'))
  const startedAt = performance.now()
  const rows = asked.map(() => undefined)
  const waiting = asked.map((each, index) => ({ each, index }))
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      rows[next.index] = await explore(next.each, folder)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  rmSync(folder, { recursive: true, force: true })

  const wrong = rows.filter(({ difference }) => difference !== undefined)
  if (args.includes('--json')) for (const row of rows) console.log(JSON.stringify(row))
  else {
    printTable(rows)
    for (const { id, variant, difference } of wrong) console.log(`\n${id} ${variant} is not as expected: ${difference}`)
    console.log(
      `\n${rows.length - wrong.length} as expected, ${wrong.length} not, in ${seconds(performance.now() - startedAt)}`,
    )
  }
  return wrong.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`npm run corpus: ${error.message}`)
  process.exitCode = 2
}
