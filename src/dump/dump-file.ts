/** Dumps on disk. */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { ComparisonRecord } from '#trace/comparison.ts'
import { DumpError } from './dump-error.ts'
import type { DumpedGraphs, DumpedReport, DumpSource } from './format.ts'
import { type ByteSource, type Dump, openDump } from './read-dump.ts'
import { dumpMembers } from './write-dump.ts'

/** Writes beside the file first: whoever opens it meets the old dump or the whole new one. Throws `DumpError`. */
export function writeDumpFile(
  file: string,
  source: DumpSource,
  reports: readonly DumpedReport[],
  graphs?: DumpedGraphs,
  comparison?: ComparisonRecord,
): void {
  const partial = `${file}.part`
  try {
    const opened = openSync(partial, 'w')
    try {
      for (const member of dumpMembers(source, reports, graphs, comparison)) writeFileSync(opened, member)
    } finally {
      closeSync(opened)
    }
    renameSync(partial, file)
  } catch (cause) {
    rmSync(partial, { force: true })
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause
    throw new DumpError(
      `The dump ${file} cannot be written: ${(cause as Error).message}.`,
      'Its path is relative to the current folder, and the folder has to be there.',
      'Give the path of a file: --dump search.dump.',
      cause,
    )
  }
}

/** @param name how messages call it; default: the path. Throws `DumpError`. */
export async function openDumpFile(file: string, name = file): Promise<Dump & { close(): Promise<void> }> {
  const source = await fileSource(file, name)
  try {
    return { ...(await openDump(source)), close: () => source.close() }
  } catch (error) {
    await source.close()
    if (error instanceof DumpError || (error as NodeJS.ErrnoException).code !== 'EISDIR') throw error
    throw new DumpError(`${name} is a folder.`, 'A dump is a file.', 'Give the path of a dump.', error)
  }
}

/** The octets of a file, whatever it is. Throws `DumpError` where it cannot be opened. */
export async function fileSource(
  file: string,
  name: string,
): Promise<ByteSource & { readonly isFolder: boolean; close(): Promise<void> }> {
  const opened = await open(file, 'r').catch((cause: Error) => {
    throw new DumpError(
      `${name} cannot be read: ${cause.message}.`,
      'Its path is relative to the current folder.',
      'Give the path of a dump: kamera inspect search.dump.',
      cause,
    )
  })
  const status = await opened.stat()
  return {
    name,
    size: status.size,
    isFolder: status.isDirectory(),
    read: async (offset, length) => {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await opened.read(bytes, 0, length, offset)
      return bytes.subarray(0, bytesRead)
    },
    close: () => opened.close(),
  }
}
