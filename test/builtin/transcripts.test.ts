/** `transcripts/<controller>/<story>.txt`: see `transcript.ts`. KAMERA_UPDATE_TRANSCRIPTS=1 writes the answers anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { replayTranscript } from './transcript.ts'

const directory = fileURLToPath(new URL('transcripts', import.meta.url))
const files = (readdirSync(directory, { recursive: true }) as string[]).filter((file) => file.endsWith('.txt')).sort()

test.each(files)('%s', async (file) => {
  const path = join(directory, file)
  const text = readFileSync(path, 'utf8')
  const replayed = await replayTranscript(text)
  if (process.env['KAMERA_UPDATE_TRANSCRIPTS'] !== undefined) writeFileSync(path, replayed)
  else expect(replayed).toBe(text)
  expect(text).toMatch(/^# .*https:\/\//m)
})
