/** Findings as GitHub's workflow commands, which its pages show at the scenario's file. */
import type { ExploredScenario } from './junit.ts'
import { plainData } from './plain-text.ts'

/** One line each, for standard output or standard error of a job's step; empty where there is nothing to say. */
export function annotationLines(scenarios: readonly ExploredScenario[]): string {
  return scenarios.flatMap(({ path, report }) => commandsOf(path, plainData(report))).join('')
}

function commandsOf(path: string, report: ExploredScenario['report']): readonly string[] {
  const file = path.replaceAll('\\', '/')
  if (report === undefined)
    return [command('error', file, 'kamera', 'The scenario could not be explored: see the output of kamera.')]
  const findings = report.findings.map(({ oracle, property, message, explanation, replay }) => {
    const text = [message, ...(explanation?.text ?? []), ...(replay === '' ? [] : [`Replay: ${replay}`])]
    return command('error', file, `kamera: ${property ?? oracle}`, text.join('\n'))
  })
  if (findings.length > 0 || report.verdict !== 'inconclusive') return findings
  const open = 'Nothing violated so far, but the search was inconclusive: a limit cut it off.'
  return [command('warning', file, `kamera: ${report.scenario}`, open)]
}

function command(level: 'error' | 'warning', file: string, title: string, message: string): string {
  return `::${level} file=${property(file)},line=1,title=${property(title)}::${data(message)}\n`
}

/** What ends a command or one of its properties is written as GitHub's runner reads it. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
