/** `kamera replay` of a trace. */
import { resolve } from 'node:path'
import { count, plainText, wrap } from '#inspect/plain-text.ts'
import type { TraceReplay } from '#replay-trace.ts'
import { redactSecrets } from '#trace/redact.ts'
import type { TraceHeader } from '#trace/trace-event.ts'
import { loadScenario } from './load-scenario.ts'
import { readTrace } from './read-trace.ts'
import type { ReplayArguments } from './replay.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

export async function replayTraceVerb(given: ReplayArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const { workingDirectory } = terminal
  const warn = (message: string): void => terminal.error(`warning: ${message}\n`)
  const trace = readTrace(given.file, workingDirectory, warn)
  const { code, name } =
    given.host === undefined
      ? await scenarioFor(given, trace.header, warn, workingDirectory)
      : { code: programFor(given.host, given, workingDirectory), name: undefined }
  const replay = await verbs.replayTrace()
  const result = redactSecrets(await replay(code, trace, optionsOf(given.controller)))
  terminal.out(
    given.json
      ? `${JSON.stringify({ formatVersion: 1, file: given.file, ...(name === undefined ? { host: given.host } : { scenario: name }), ...result })}\n`
      : replayText(result, given.file, terminal),
  )
  return result.identical ? ExitStatus.holds : ExitStatus.violated
}

async function scenarioFor(
  given: ReplayArguments,
  header: TraceHeader,
  warn: (message: string) => void,
  workingDirectory: string,
) {
  const path = given.scenario ?? (header.source === 'simulator' ? header.file : undefined)
  if (path === undefined)
    throw new UsageError({
      what: `The trace ${given.file} does not say whose controllers are to be executed.`,
      why: 'It was recorded, and programs are not in it.',
      fix: "Name a scenario that has them, --scenario scenario.ts, or a program that hosts them, --host 'go run .'",
    })
  const set = given.set ?? (header.source === 'simulator' ? (header.set ?? {}) : {})
  return { code: await loadScenario(path, { set, warn, workingDirectory }), name: path }
}

function programFor(host: string, { scenario, set, directory }: ReplayArguments, workingDirectory: string) {
  const command = words(host)
  if (command.length === 0 || scenario !== undefined || set !== undefined)
    throw new UsageError({
      what: command.length === 0 ? '--host names no command.' : '--host and a scenario were given.',
      why: 'A trace is replayed by the controllers of a program, or by those of a scenario.',
      fix: "Write --host 'go run .', or --scenario scenario.ts.",
    })
  return { command, directory: resolve(workingDirectory, directory ?? '.') }
}

/** Words of a command; quotes hold spaces together. No shell sees it. */
function words(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
}

/** `NAME`, or `RECORDED=OWN`. */
function optionsOf(controller: string | undefined): { readonly controller?: string; readonly as?: string } {
  if (controller === undefined) return {}
  const at = controller.indexOf('=')
  return at < 0 ? { controller } : { controller: controller.slice(0, at), as: controller.slice(at + 1) }
}

/** Differences told, at most. */
const SHOWN = 10

function replayText(result: TraceReplay, file: string, { columns = 100 }: Terminal): string {
  const { reconciles, controllersUnknown, reconcilesWithGaps, whole, cluster, divergedAt, message } = result
  const countOf = (status: string): number => reconciles.filter((each) => each.status === status).length
  const lines = [
    `Replaying ${file}: ${reconciles.length} reconciles, ${countOf('same')} the same, ${countOf('different')} different, ${countOf('nondeterministic')} nondeterministic.`,
  ]
  for (const name of controllersUnknown) lines.push(`The code has no controller ${name}: its reconciles were left out.`)
  if (reconcilesWithGaps > 0)
    lines.push(`${count(reconcilesWithGaps, 'reconcile')} left out, since events were dropped meanwhile.`)
  if (cluster !== undefined)
    lines.push(
      `The cluster: ${cluster.writesRepeated} of ${cluster.writes} writes decided again, in the order of resourceVersions${cluster.refusals === 0 ? '' : `, and ${cluster.refusalsRepeated} of ${cluster.refusals} refusals`}.`,
    )
  if (divergedAt !== undefined) lines.push(`✗ step ${divergedAt} is the first that differs: ${message}`)
  const differing = reconciles.filter(({ status }) => status !== 'same')
  for (const { reconcile, status, differsAt, difference, inferred } of differing.slice(0, SHOWN))
    lines.push(`✗ step ${differsAt}, ${reconcile}${inferred ? ' (inferred)' : ''}: ${status}, ${difference}`)
  if (differing.some(({ inferred }) => inferred))
    lines.push(
      'Where inferred reconciles begin and end is a guess: a difference may come of that. Reconciles that the program marks are exact (docs/recording.md).',
    )
  if (differing.length > SHOWN) lines.push(`  and ${differing.length - SHOWN} more; --json has all.`)
  if (result.identical) lines.push(whole ? '✓ identical, step by step.' : '✓ identical.')
  return `${lines.flatMap((line) => wrap(plainText(line), columns)).join('\n')}\n`
}
