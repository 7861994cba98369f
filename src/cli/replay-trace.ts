/** `kamera replay` of a trace. */
import { plainText, wrap } from '#inspect/plain-text.ts'
import type { TraceReplay } from '#replay-trace.ts'
import { redactSecrets } from '#trace/redact.ts'
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
  const { header } = trace
  const path = given.scenario ?? (header.source === 'simulator' ? header.file : undefined)
  if (path === undefined)
    throw new UsageError({
      what: `The trace ${given.file} does not say whose controllers are to be executed.`,
      why: 'It was recorded, and programs are not in it.',
      fix: 'Name a scenario that has them: --scenario scenario.ts.',
    })
  const set = given.set ?? (header.source === 'simulator' ? (header.set ?? {}) : {})
  const scenario = await loadScenario(path, { set, warn, workingDirectory })
  const replay = await verbs.replayTrace()
  const { controller } = given
  const result = redactSecrets(await replay(scenario, trace, controller === undefined ? {} : { controller }))
  terminal.out(
    given.json
      ? `${JSON.stringify({ formatVersion: 1, file: given.file, scenario: path, ...result })}\n`
      : replayText(result, given.file, terminal),
  )
  return result.identical ? ExitStatus.holds : ExitStatus.violated
}

/** Differences told, at most. */
const SHOWN = 10

function replayText(result: TraceReplay, file: string, { columns = 100 }: Terminal): string {
  const { reconciles, controllersUnknown, whole, cluster, divergedAt, message } = result
  const count = (status: string): number => reconciles.filter((each) => each.status === status).length
  const lines = [
    `Replaying ${file}: ${reconciles.length} reconciles, ${count('same')} the same, ${count('different')} different, ${count('nondeterministic')} nondeterministic.`,
  ]
  for (const name of controllersUnknown)
    lines.push(`The scenario has no controller ${name}: its reconciles were left out.`)
  if (cluster !== undefined)
    lines.push(
      `The cluster: ${cluster.writesRepeated} of ${cluster.writes} writes decided again, in the order of resourceVersions.`,
    )
  if (divergedAt !== undefined) lines.push(`✗ step ${divergedAt} is the first that differs: ${message}`)
  const differing = reconciles.filter(({ status }) => status !== 'same')
  for (const { reconcile, status, differsAt, difference } of differing.slice(0, SHOWN))
    lines.push(`✗ step ${differsAt}, ${reconcile}: ${status}, ${difference}`)
  if (differing.length > SHOWN) lines.push(`  and ${differing.length - SHOWN} more; --json has all.`)
  if (result.identical) lines.push(whole ? '✓ identical, step by step.' : '✓ identical.')
  return `${lines.flatMap((line) => wrap(plainText(line), columns)).join('\n')}\n`
}
