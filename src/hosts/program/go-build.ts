/**
 * `go run` compiled once: the program itself is the child then, whose end and signals are its own, and a mistake in
 * the code is told as what it is. Go's build cache makes a second build quick.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Program } from '#controller/program.ts'

const NOTICE_AFTER_MS = 3000
const realSetTimeout = setTimeout
const realClearTimeout = clearTimeout

/** Builds under way: several explorations of one process share them. */
const builds = new Map<string, Promise<readonly string[]>>()

/** The command that really is started. @throws Error with what the compiler says. */
export function compiledCommand(program: Program, directory: string): Promise<readonly string[]> {
  const [go, verb, ...rest] = program.command
  if (verb !== 'run' || go === undefined || !/(^|[\\/])go(\.exe)?$/.test(go)) return Promise.resolve(program.command)
  const key = JSON.stringify([program.command, directory])
  const known = builds.get(key)
  if (known !== undefined) return known
  const building = build(program, { go, rest, directory })
  builds.set(key, building)
  building.catch(() => builds.delete(key))
  return building
}

interface Build {
  readonly go: string
  readonly rest: readonly string[]
  readonly directory: string
}

async function build(program: Program, { go, rest, directory }: Build): Promise<readonly string[]> {
  const place = rest.findIndex((word) => !word.startsWith('-'))
  const [flags, source, args] =
    place === -1 ? [rest, '.', []] : [rest.slice(0, place), rest[place] as string, rest.slice(place + 1)]
  const digest = createHash('sha256')
    .update(JSON.stringify([directory, flags, source]))
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), `kamera-go-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const binary = join(folder, `${program.name}-${digest}`)
  const notice = realSetTimeout(
    () => process.stderr.write(`kamera: compiling ${program.name} (the first time this takes minutes)\n`),
    NOTICE_AFTER_MS,
  )
  try {
    await run(go, ['build', ...flags, '-o', binary, source], program, directory)
  } finally {
    realClearTimeout(notice)
  }
  return [binary, ...args]
}

function run(go: string, args: readonly string[], program: Program, directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: directory, env: { ...process.env, ...program.environment }, maxBuffer: 1 << 26 }
    execFile(go, args, options, (error, _, complaints) => {
      if (error === null) return resolve()
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return reject(
          new Error(
            `program ${program.name}: ${go} was not found, or there is no folder ${directory}. Install Go (https://go.dev/dl), or correct command and directory.`,
          ),
        )
      const said = complaints.trim().split('\n').slice(0, 30).join('\n')
      reject(new Error(`program ${program.name} does not compile in ${directory}:\n${said}`))
    })
  })
}
