/** The command line: which verbs there are and what they are given. Exit statuses are in `terminal.ts`. */
import { Command, CommanderError } from 'commander'
import { addAnalyze } from './analyze-options.ts'
import { addExploreOptions, type ParsedExploreOptions, searchOptions } from './explore-options.ts'
import { addExport } from './export-options.ts'
import { addImport } from './import-options.ts'
import { addInit } from './init-options.ts'
import { addInspect } from './inspect-options.ts'
import { parameters } from './option-values.ts'
import { printError } from './print-error.ts'
import { addRecord } from './record-options.ts'
import type { ReplayArguments } from './replay.ts'
import { addServe } from './serve-options.ts'
import { addSimulateOptions, type ParsedSimulateOptions, simulateArguments } from './simulate-options.ts'
import { suggestion } from './suggest.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

const EXIT_STATUSES = `
Exit status: 0 nothing violated, 1 violated, 2 wrong usage or a scenario that cannot be used,
3 not exhaustive (with --require-exhaustive), 70 a fault of Kamera.`

/** Runs the verb that `words` (without node and script) name; never throws. */
export async function runCommandLine(words: readonly string[], terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  let status: ExitStatus = ExitStatus.holds
  const program = createProgram(terminal, verbs, (result) => {
    status = result
  })
  try {
    const [first, subject] = words
    if (first === 'help' && subject !== undefined && !VERBS.includes(subject)) throw noVerb(subject)
    await program.parseAsync([...words], { from: 'user' })
    return status
  } catch (error) {
    const isHelp = error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')
    return isHelp ? ExitStatus.holds : printError(usageOf(error), terminal, words.includes('--debug'))
  }
}

function createProgram(terminal: Terminal, verbs: Verbs, finish: (status: ExitStatus) => void): Command {
  const program = configured(new Command('kamera'), terminal)
    .description(
      'Runs Kubernetes controllers in every order, with stale caches, crashes and API errors, and says what breaks.',
    )
    .helpOption('-h, --help', 'show this help; kamera VERB --help shows the options of a verb')
    .option('-V, --version', 'print the version')
    .usage('VERB [options]')
    .addHelpText('after', EXIT_STATUSES)
    .helpCommand('help [verb]', 'show the help of a verb')
    .argument('[words...]')
    .action(([name]: readonly string[]) => {
      throw noVerb(name)
    })
  addExplore(program, terminal, verbs, finish)
  addSimulate(program, terminal, verbs, finish)
  addReplay(program, terminal, verbs, finish)
  addInspect(verb(program, terminal, 'inspect'), terminal, finish)
  addAnalyze(verb(program, terminal, 'analyze'), terminal, finish)
  addExport(verb(program, terminal, 'export'), terminal, finish)
  addImport(verb(program, terminal, 'import'), terminal, finish)
  addExplain(program, terminal, finish)
  addRecord(verb(program, terminal, 'record'), terminal, verbs, finish)
  addServe(verb(program, terminal, 'serve'), terminal, verbs, finish)
  addInit(verb(program, terminal, 'init'), terminal, finish)
  return program
}

const VERBS: readonly string[] = [
  'explore',
  'simulate',
  'replay',
  'inspect',
  'explain',
  'serve',
  'record',
  'analyze',
  'export',
  'import',
  'init',
]

function noVerb(name: string | undefined): UsageError {
  return new UsageError({
    what: name === undefined ? 'No verb is given.' : `There is no verb ${name}${suggestion(name, VERBS)}.`,
    why: name === undefined ? 'kamera does nothing by itself.' : 'The verb is misspelt, or of another version.',
    fix: 'Try kamera explore SCENARIO, or kamera --help.',
  })
}

/** Errors are ours to print, and nothing ends the process behind our back. */
function configured(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(terminal.columns ?? 100, 120),
      getOutHasColors: () => terminal.colour,
    })
}

function verb(program: Command, terminal: Terminal, name: string): Command {
  return configured(program.command(name), terminal).helpOption('-h, --help', 'show this help')
}

function addExplore(program: Command, terminal: Terminal, verbs: Verbs, finish: (status: ExitStatus) => void): void {
  const command = verb(program, terminal, 'explore')
    .argument('[scenario...]', 'modules (scenario.ts), or folders: every scenario below them')
    .summary('search a scenario for orders and faults that break it')
    .description(
      'Searches everything that may happen in a scenario within the bounds, and prints what is violated and how to get there.',
    )
    .addHelpText(
      'after',
      `
Durations have a unit: 500ms, 60s, 5m, 24h.
Each finding is written to .kamera/<scenario>/<finding id>.json; kamera replay repeats it.
Ctrl-C ends the search and prints what was found so far.

Examples:
  kamera explore scenario.ts
  kamera explore examples --json > results.jsonl
  kamera explore scenario.ts --faults 2 --crash 1 --profile all --time-limit 60s
  kamera explore scenario.ts --set n=6 --reduction none
  kamera explore --from trace.jsonl@17
${EXIT_STATUSES}`,
    )
  addExploreOptions(command).action(async (paths: string[], parsed: ParsedExploreOptions) => {
    const { exploreVerb } = await import('./explore.ts')
    const {
      set = {},
      json = false,
      requireExhaustive = false,
      debug = false,
      baseline,
      writeBaseline,
      from,
      dump,
      html,
      junit,
      sarif,
      markdown,
      annotations = false,
      inspect = false,
      web = false,
      port,
    } = parsed
    const search = searchOptions(parsed)
    const given = {
      paths,
      search,
      set,
      json,
      requireExhaustive,
      debug,
      baseline,
      writeBaseline,
      from,
      dump,
      html,
      junit,
      sarif,
      markdown,
      annotations,
      inspect,
      web,
      port,
    }
    finish(await exploreVerb(given, terminal, verbs))
  })
}

function addSimulate(program: Command, terminal: Terminal, verbs: Verbs, finish: (status: ExitStatus) => void): void {
  const command = verb(program, terminal, 'simulate')
    .argument('<scenario>', 'module (scenario.ts)')
    .summary('run a scenario many times in random orders')
    .description(
      'Runs a scenario again and again, one step after another, in orders and with faults that a seed decides. The same seed gives the same run.',
    )
    .addHelpText(
      'after',
      `
Run i of seed s is the first run of seed s + i. Nothing is ever said to hold: use kamera explore.
Each finding is written to .kamera/<scenario>/<finding id>.json; kamera replay repeats it.
Ctrl-C ends the runs and prints what was found so far.

Examples:
  kamera simulate scenario.ts
  kamera simulate scenario.ts --strategy pct --faults 2 --runs 10000 --time-limit 60s
  kamera simulate scenario.ts --seed 17 --runs 1
${EXIT_STATUSES}`,
    )
  addSimulateOptions(command).action(async (path: string, parsed: ParsedSimulateOptions) => {
    const { simulateVerb } = await import('./simulate.ts')
    finish(await simulateVerb({ path, ...simulateArguments(parsed) }, terminal, verbs))
  })
}

function addReplay(program: Command, terminal: Terminal, verbs: Verbs, finish: (status: ExitStatus) => void): void {
  verb(program, terminal, 'replay')
    .argument('<file>', 'a counterexample that explore wrote, or a trace')
    .summary('repeat a counterexample or a trace step by step')
    .description(
      'Follows the path of a counterexample and says whether the finding is still there; or executes the reconciles of a trace again, each on what it was answered then, and compares what they write.',
    )
    .option('--scenario <file>', 'of a trace: whose controllers (default: the scenario that was simulated)')
    .option('--set <name=value>', 'a parameter of that scenario; repeatable', parameters)
    .option('--controller <name>', 'of a trace: only its reconciles; RECORDED=OWN where the code calls it otherwise')
    .option(
      '--host <command>',
      'of a trace: a program with the controllers, by the host protocol, and no scenario; it replays reconciles, not the cluster as a whole',
    )
    .option('--directory <dir>', 'where that program is started (default: here)')
    .option('--json', 'print the result as JSON')
    .option('--dump <file>', 'write the path as it was followed to a file for kamera inspect')
    .option('--html <file>', 'write it as one page that opens in a browser, with no network')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Run it in the folder in which explore or simulate ran.

Examples:
  kamera replay .kamera/zookeeper/same-outcome-1f3a.json
  kamera replay trace.jsonl --scenario scenario.ts --controller zookeeper-operator
  kamera replay trace.jsonl --host 'go run ./cmd/explored' --controller operator=zookeepercluster

Exit status: of a counterexample 1 the finding is there again, 0 it is not, 3 the path cannot be followed;
of a trace 0 identical, 1 not; 2 the file or its scenario cannot be read, 70 a fault of Kamera.`,
    )
    .action(async (file: string, parsed: Omit<ReplayArguments, 'file'>) => {
      const { replayVerb } = await import('./replay.ts')
      finish(await replayVerb({ file, ...parsed }, terminal, verbs))
    })
}

function addExplain(program: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  verb(program, terminal, 'explain')
    .argument('[name]', 'an oracle or a profile; all of them are listed without it')
    .summary('say what an oracle flags, or what a profile stands for')
    .description(
      'Says of an oracle what it flags, why that is a bug, what it can miss and how to switch it off; of a profile, what it stands for.',
    )
    .option('--json', 'print it as JSON')
    .option('--debug', 'show the stack of an error')
    .action(async (name: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const { explainVerb } = await import('./explain.ts')
      finish(explainVerb({ name, json }, terminal))
    })
}

/** Commander's own messages, with the two parts that they lack. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n')
  const hint = more
    .join(' ')
    .replace(/^\((.*)\)$/, ' ($1)')
    .replace('Did you mean', 'did you mean')
  return new UsageError({
    what: `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, '')}${hint}.`,
    why: 'The command is misspelt, incomplete, or of another version.',
    fix: 'kamera --help lists the verbs, kamera VERB --help the options of a verb.',
    cause: error,
  })
}
