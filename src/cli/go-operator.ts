/**
 * What the folder of a Go operator tells about it: the calls with which its main sets up controllers, its schemes, its
 * definitions and samples, as kubebuilder lays them out. The code is read as text, not compiled: what cannot be read
 * is left to the user, and named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bracketed, closingBracket, openingBracket, unknownNames } from './go-text.ts'
import { loadManifests } from './load-manifests.ts'

export interface GoOperator {
  /** Its module path. */
  readonly module: string
  /** The version in its go.mod, as `1.24.0`. */
  readonly goVersion: string
  /** As its go.mod requires it; undefined: it does not. */
  readonly controllerRuntime: string | undefined
  /** The lines of its replace directives, `a => b`. */
  readonly replaces: readonly string[]
  /** The file of its main that was read, relative to the folder; undefined: none was found. */
  readonly main: string | undefined
  /** Import paths by the name that its main has for them. */
  readonly imports: ReadonlyMap<string, string>
  /** Names of packages whose AddToScheme is called. */
  readonly schemes: readonly string[]
  readonly setups: readonly Setup[]
  /** Files, relative to the folder. */
  readonly crds: readonly string[]
  readonly samples: readonly string[]
  readonly webhookManifests: string | undefined
}

/** A call that adds something to the manager. */
export interface Setup {
  /** What goes before it: the variable that it is a method of. */
  readonly before: readonly string[]
  /** An expression whose value is an error. */
  readonly call: string
  /** Names in it that the operator's main defines elsewhere. */
  readonly unknown: readonly string[]
}

const MAINS = ['cmd/main.go', 'main.go', 'cmd/manager/main.go', 'cmd/operator/main.go', 'cmd/controller/main.go']

/** Undefined: the folder has no go.mod. */
export function readGoOperator(folder: string): GoOperator | undefined {
  const goMod = readText(join(folder, 'go.mod'))
  const module = /^module\s+"?([^\s"]+)/m.exec(goMod ?? '')?.[1]
  if (goMod === undefined || module === undefined) return undefined
  const main = MAINS.find((path) => (readText(join(folder, path)) ?? '').includes('NewManager('))
  const code = main === undefined ? '' : withoutComments(readText(join(folder, main)) ?? '')
  const imports = importsOf(code)
  const crds = manifestsIn(folder, 'config/crd/bases')
  return {
    module,
    goVersion: /^go\s+(\S+)/m.exec(goMod)?.[1] ?? '1.21',
    controllerRuntime: /^(?:require)?\s*sigs\.k8s\.io\/controller-runtime\s+(\S+)/m.exec(goMod)?.[1],
    replaces: replacesOf(goMod),
    main,
    imports,
    schemes: [...new Set([...code.matchAll(/(\w+)\.AddToScheme\(/g)].map((match) => match[1] as string))],
    setups: setupsOf(code, imports),
    crds,
    samples: samplesOf(folder, crds),
    webhookManifests: ['config/webhook/manifests.yaml'].find((path) => existsSync(join(folder, path))),
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function replacesOf(goMod: string): readonly string[] {
  return goMod
    .split('\n')
    .map((line) => line.replace(/\/\/.*$/, '').trim())
    .filter((line) => line.includes('=>'))
    .map((line) => line.replace(/^replace\s+/, ''))
}

/** Comments that have a line of their own; those behind code stay. */
function withoutComments(code: string): string {
  return code.replace(/^\s*\/\/.*\n/gm, '')
}

function importsOf(code: string): ReadonlyMap<string, string> {
  const head = code.slice(0, /^(func|var|const|type)\b/m.exec(code)?.index ?? code.length)
  const found = new Map<string, string>()
  for (const [, alias, path = ''] of head.matchAll(/^\s*(?:import\s+)?(?:([\w.]+)\s+)?"([^"]+)"/gm)) {
    if (alias !== '_' && alias !== '.') found.set(alias ?? packageName(path), path)
  }
  return found
}

/** How Go calls a package that is imported without a name: nearly always so. */
function packageName(path: string): string {
  const parts = path.split('/')
  const last = parts.pop() ?? ''
  return (/^v\d+$/.test(last) ? (parts.pop() ?? last) : last).replace(/\.v\d+$/, '').replace(/^go-/, '')
}

function setupsOf(code: string, imports: ReadonlyMap<string, string>): readonly Setup[] {
  const found: Setup[] = []
  for (const match of code.matchAll(/\.SetupWithManager\(|\b(\w+)\.(Setup\w*)\(/g)) {
    const open = match.index + match[0].length - 1
    const args = bracketed(code, open)
    const isMethod = match[1] === undefined || match[2] === 'SetupWithManager'
    if (!isMethod && (!imports.has(match[1] as string) || !/\bmgr\b/.test(args))) continue
    const name = isMethod ? 'SetupWithManager' : match[2]
    const receiver = isMethod ? receiverOf(code, open - '.SetupWithManager'.length) : match[1]
    const before = isMethod && /^\w+$/.test(receiver ?? '') ? definitionOf(code, receiver as string, match.index) : []
    const call = `${receiver}.${name}${args}`
    const defined = before.length === 0 ? [] : [receiver as string]
    found.push({ before, call, unknown: unknownNames([...before, call].join('\n'), [...imports.keys(), ...defined]) })
  }
  return found
}

/** What stands before the dot of a method. */
function receiverOf(code: string, dot: number): string {
  let start = dot
  if (code[dot - 1] === ')') start = openingBracket(code, dot - 1)
  while (/[\w.]/.test(code[start - 1] ?? '')) start--
  return code.slice(start, dot)
}

/** The statement that defines a variable, when it defines it alone. */
function definitionOf(code: string, name: string, before: number): readonly string[] {
  const all = [...code.slice(0, before).matchAll(new RegExp(`^[ \\t]*${name}\\s*:=\\s*`, 'gm'))]
  const last = all.at(-1)
  if (last === undefined) return []
  const start = last.index + last[0].length
  let end = start
  while (end < code.length && code[end] !== '\n')
    end = /[({[]/.test(code[end] as string) ? closingBracket(code, end) + 1 : end + 1
  return [`${name} := ${code.slice(start, end)}`]
}

function manifestsIn(folder: string, below: string): readonly string[] {
  const there = join(folder, below)
  if (!existsSync(there)) return []
  return readdirSync(there)
    .filter((name) => /\.ya?ml$/.test(name) && !/^kustomiz/.test(name))
    .sort()
    .map((name) => `${below}/${name}`)
}

/** Samples of the kinds that the definitions define. */
function samplesOf(folder: string, crds: readonly string[]): readonly string[] {
  const objects = (path: string) => {
    try {
      return loadManifests(path, folder, 'kamera init').map(({ object }) => object)
    } catch {
      return []
    }
  }
  const groups = new Set(crds.flatMap(objects).map((crd) => (crd as { spec?: { group?: string } }).spec?.group))
  const isSample = (path: string) => {
    const all = objects(path)
    return all.length > 0 && all.every(({ apiVersion = '' }) => groups.has(apiVersion.split('/')[0]))
  }
  return manifestsIn(folder, 'config/samples').filter(isSample)
}
