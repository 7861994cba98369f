/** The options of `simulate`: those of `explore` that mean the same here, and its own. */
import { type Command, Option } from 'commander'
import { SEARCHED_PROFILES } from '#exploration/options.ts'
import { profileNames } from '#inspect/explanations.ts'
import { addExploreOptions, type ParsedExploreOptions, searchOptions } from './explore-options.ts'
import { oneOf, wholeNumber } from './option-values.ts'
import type { SimulateArguments } from './simulate.ts'

const STRATEGIES = ['random', 'pct'] as const

export interface ParsedSimulateOptions extends Omit<ParsedExploreOptions, 'strategy' | 'profile' | 'from'> {
  readonly strategy?: (typeof STRATEGIES)[number]
  readonly profile?: string
  readonly sievePlan?: string
  readonly trace?: string
}

/** Not options of seeded runs, or spelt here. */
const NOT_SHARED: readonly string[] = [
  '--strategy',
  '--runs',
  '--seed',
  '--profile',
  '--reduction',
  '--verify-reductions',
  '--require-exhaustive',
  '--states-max',
  '--workers',
  '--baseline',
  '--junit',
  '--sarif',
  '--markdown',
  '--inspect',
  '--web',
  '--port',
  '--annotations',
  '--from',
  '--audit',
]

export function addSimulateOptions(command: Command): Command {
  const heading = 'The runs:'
  const own: readonly (readonly [string, string, (text: string, previous: never) => unknown])[] = [
    ['--strategy <name>', 'random, or pct: by random priorities (default: random)', oneOf('--strategy', STRATEGIES)],
    ['--seed <n>', 'of the first run; each next run has one more (default: 1)', wholeNumber('--seed')],
    ['--runs <n>', 'how many (default: 1000)', wholeNumber('--runs', 1)],
    ['--trace <file>', 'write one run as JSON lines: that of the first finding, or the first', (text) => text],
    ['--sieve-plan <file>', 'a test plan of Sieve that guides the runs (docs/sieve.md)', (text) => text],
    ['--profile <name>', `consistency of reads (default: ${SEARCHED_PROFILES[0]})`, oneOf('--profile', profileNames)],
  ]
  for (const [flags, description, parse] of own)
    command.addOption(new Option(flags, description).helpGroup(heading).argParser(parse as never))
  return addExploreOptions(command, (name) => !NOT_SHARED.includes(name))
}

export function simulateArguments(parsed: ParsedSimulateOptions): Omit<SimulateArguments, 'path'> {
  const { set = {}, json = false, debug = false, strategy, profile, sievePlan, trace, dump, html, ...shared } = parsed
  const { reduction: _, strategy: __, profiles: ___, ...search } = searchOptions(shared)
  return {
    runs: { ...search, ...(profile === undefined ? {} : { profile }), ...(strategy === undefined ? {} : { strategy }) },
    ...(sievePlan === undefined ? {} : { sievePlan }),
    ...(trace === undefined ? {} : { trace }),
    ...(dump === undefined ? {} : { dump }),
    ...(html === undefined ? {} : { html }),
    set,
    json,
    debug,
  }
}
