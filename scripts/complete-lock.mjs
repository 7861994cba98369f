/**
 * Adds to package-lock.json the optional packages of other platforms that npm has left out. It does so wherever it could
 * not reach them while writing the lock, and `npm ci` then refuses the lock everywhere. Run it after `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']
/** Names of packages abbreviate processors and add what their binary interface is called. */
const processorOf = { armv7: 'arm', ppc64le: 'ppc64' }
const libraryOf = { musl: 'musl', gnu: 'glibc', musleabihf: 'musl', gnueabihf: 'glibc' }

/** Entries of the lock that are missing: path → entry. */
export function missingEntries({ packages }) {
  const missing = new Map()
  for (const [path, { dev, devOptional, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const isThere = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => packages[place])
      if (isThere) continue
      const kind = { ...(dev && { dev }), ...(devOptional && { devOptional }), optional: true }
      missing.set(`node_modules/${name}`, { version: version.replace(/^[~^]/, ''), ...kind, ...platformOf(name) })
    }
  }
  return missing
}

function platformOf(name) {
  const words = name.split('/').at(-1).split('-')
  const pick = (list, translation = {}) =>
    words.map((word) => translation[word] ?? word).filter((word) => list.includes(word))
  const platform = {
    os: pick(systems),
    cpu: pick(processors, processorOf),
    libc: words.flatMap((word) => libraryOf[word] ?? []),
  }
  return Object.fromEntries(Object.entries(platform).filter(([, values]) => values.length > 0))
}

function complete() {
  const file = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingEntries(lock)
  const [own, ...others] = [...Object.entries(lock.packages), ...missing]
  lock.packages = Object.fromEntries([own, ...others.sort(([left], [right]) => left.localeCompare(right, 'en'))])
  writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`)
  console.log(
    missing.size === 0 ? 'package-lock.json is complete' : `added ${missing.size}: ${[...missing.keys()].join(' ')}`,
  )
}

if (process.argv[1] === import.meta.filename) complete()
