/** `serve --at DUMP#STEP`: a scenario whose objects are those after a step of a finding's path. */
import { resolve } from 'node:path'
import type { KubernetesObject } from '#api/object.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import { objectsAt } from '#dump/objects-at.ts'
import { UsageError } from './usage-error.ts'

/** @param place `FILE#STEP`, or `FILE#FINDING/STEP`; the first finding of the scenario without its id */
export async function scenarioAt(scenario: Scenario, place: string, workingDirectory: string): Promise<Scenario> {
  const [, file, id, step] = /^(.+)#(?:([^/]+)\/)?(\d+)$/.exec(place) ?? []
  if (file === undefined || step === undefined)
    throw new UsageError({
      what: `--at ${place} names no step.`,
      why: 'It is the file of a dump, #, and the number of a step.',
      fix: 'Write --at search.dump#17, or --at search.dump#FINDING/17 for another finding than the first.',
    })
  if (scenario.settled === true)
    throw new UsageError({
      what: `--at cannot be used with the scenario ${scenario.name}, which is settled.`,
      why: 'Its path begins where its first run came to rest, and a dump does not hold that.',
      fix: 'Give the objects at rest as its objects, and leave settled out.',
    })
  const dump = await openDumpFile(resolve(workingDirectory, file), file)
  try {
    const findings = dump.reports
      .filter((report) => report.scenario === scenario.name)
      .flatMap((report) => report.findings)
    const finding = id === undefined ? findings[0] : findings.find((each) => each.id === id)
    if (finding === undefined)
      throw new UsageError({
        what: `${file} has no finding ${id ?? ''} of the scenario ${scenario.name}.`,
        why:
          findings.length === 0
            ? 'Nothing was found, or it is of another scenario.'
            : `It has ${findings.map((each) => each.id).join(', ')}.`,
        fix: 'Name the dump of this scenario, and a finding that is in it.',
      })
    const path = await dump.path(finding.path)
    if (Number(step) > path.steps.length)
      throw new UsageError({
        what: `The path of ${finding.id} has ${path.steps.length} steps, and no step ${step}.`,
        why: 'Steps are counted from 1; 0 is the start.',
        fix: `Write --at ${file}#${path.steps.length}.`,
      })
    return {
      ...scenario,
      objects: objectsAt(path, Number(step), (scenario.objects ?? []) as readonly KubernetesObject[]),
    }
  } finally {
    await dump.close()
  }
}
