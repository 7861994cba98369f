import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStateInspector, saveInspectorDump } from 'kamera'
import { expect, it } from 'vitest'
import { openDumpFile } from '#dump/dump-file.ts'
import { trivial } from './go-kamera.ts'

it('saves states with their shortest paths for kamera inspect', async () => {
  const { builder, initial } = trivial()
  const { convergedStates } = await builder.build().explore(initial)
  const file = join(mkdtempSync(join(tmpdir(), 'kamera-states-')), 'states.dump')
  await saveInspectorDump(convergedStates, file)
  const dump = await openDumpFile(file)
  try {
    const [outcome] = dump.reports[0]?.outcomes ?? []
    expect(outcome).toMatchObject({ id: 'state-1', objects: ['Foo default/foo'], paths: convergedStates[0]?.pathCount })
    const [shortest] = convergedStates[0]?.paths ?? []
    const path = outcome === undefined ? undefined : await dump.path(outcome.first)
    expect(path?.steps.map(({ title }) => title)).toEqual(shortest?.steps.map(({ title }) => title))
  } finally {
    await dump.close()
  }
})

it('says that it needs a terminal', async () => {
  if (process.stdin.isTTY && process.stdout.isTTY) return
  await expect(runStateInspector([])).rejects.toThrow(/runStateInspector needs a terminal/)
})
