/** `kamera init go`: writes what explores a Go operator into a folder of its own, and changes nothing else. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goMain, goMod, goScenario, KAMERA_FOLDER } from './go-files.ts'
import { type GoOperator, readGoOperator } from './go-operator.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface InitGoArguments {
  /** The operator's folder, which has its go.mod. */
  readonly directory: string
  readonly force: boolean
  readonly dryRun: boolean
}

/** The Go module that programs call, in this package. */
const HOST_LIBRARY = fileURLToPath(new URL('../../go', import.meta.url))

export function initGoVerb({ directory, force, dryRun }: InitGoArguments, terminal: Terminal): ExitStatus {
  const folder = resolve(terminal.workingDirectory, directory)
  const operator = readGoOperator(folder)
  if (operator === undefined)
    throw new UsageError({
      what: `There is no go.mod in ${folder}.`,
      why: 'kamera init go reads the module of an operator.',
      fix: 'Name the folder of the operator: kamera init go path/to/operator.',
    })
  const target = join(folder, KAMERA_FOLDER)
  const files = [
    {
      name: 'main.go',
      text: goMain(operator),
      from: `${operator.setups.length} set up in ${operator.main ?? 'no main'}`,
    },
    { name: 'go.mod', text: goMod(operator, relative(target, HOST_LIBRARY)), from: operator.module },
    { name: 'scenario.ts', text: goScenario(operator), from: countsOf(operator) },
  ]
  const present = files.map(({ name }) => join(KAMERA_FOLDER, name)).filter((name) => existsSync(join(folder, name)))
  if (present.length > 0 && !force && !dryRun)
    throw new UsageError({
      what: `${present.join(', ')} ${present.length === 1 ? 'is' : 'are'} there already, in ${folder}.`,
      why: 'What was written by hand is not overwritten.',
      fix: 'Add --force to replace it, or --dry-run to see what would be written.',
    })
  if (dryRun) {
    for (const { name, text } of files) terminal.out(`--- ${join(KAMERA_FOLDER, name)}\n${text}\n`)
  } else {
    mkdirSync(target, { recursive: true })
    for (const { name, text } of files) writeFileSync(join(target, name), text)
    for (const { name, from } of files) terminal.out(`${join(KAMERA_FOLDER, name).padEnd(20)} ${from}\n`)
  }
  for (const note of notesOn(operator)) terminal.out(`\n! ${note}\n`)
  const shown = relative(terminal.workingDirectory, target) || '.'
  terminal.out(`\nNext:\n  cd ${shown} && go mod tidy\n  kamera explore ${join(shown, 'scenario.ts')}\n`)
  return ExitStatus.holds
}

function countsOf({ crds, samples }: GoOperator): string {
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  return `${many(crds.length, 'definition')} in config/crd/bases, ${many(samples.length, 'sample')} in config/samples`
}

/** What the user has to know or to do. */
function notesOn({ setups, main, crds, controllerRuntime }: GoOperator): readonly string[] {
  const unknown = [...new Set(setups.flatMap((setup) => setup.unknown))]
  const [, minor = '99'] = /^v0\.(\d+)/.exec(controllerRuntime ?? '') ?? []
  return [
    ...(setups.length === 0
      ? [`No SetupWithManager call was found${main === undefined ? '' : ` in ${main}`}: add yours to kamera/main.go.`]
      : []),
    ...(unknown.length > 0
      ? [`kamera/main.go uses ${unknown.join(', ')}, which your main defines: define what the controllers need of it.`]
      : []),
    ...(crds.length === 0
      ? ['No CustomResourceDefinitions were found in config/crd/bases: name yours in kamera/scenario.ts.']
      : []),
    ...(controllerRuntime === undefined
      ? ['The module does not require controller-runtime: only controllers that it runs can be hosted.']
      : []),
    ...(Number(minor) < 21
      ? [
          `The module has controller-runtime ${controllerRuntime}; it is explored with 0.21 or newer, which Kamera needs.`,
        ]
      : []),
  ]
}
