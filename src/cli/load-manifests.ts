/**
 * Reads manifests as kubectl does: YAML 1.1 or JSON, several documents a file, lists flattened, a folder read
 * file by file. Every error names the file, and the line or the object.
 * Source: sigs.k8s.io/yaml (YAML 1.1 in which times and sexagesimal numbers stay strings).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { type Document, isMap, isSeq, LineCounter, type Node, parseAllDocuments, type Tags } from 'yaml'
import type { KubernetesObject } from '#api/object.ts'
import { UsageError } from './usage-error.ts'

/** Where an object came from, for messages: `crd.yaml:12` or `objects[2]`. */
export interface LoadedManifest {
  readonly object: KubernetesObject
  readonly origin: string
}

const MANIFEST_EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json']

/**
 * The objects of a manifest file, or of every manifest in a folder (in the order of their names, not below it).
 * @param path relative to `directory`
 * @param from what refers to the file, for messages: `scenario.ts, objects[0]`
 */
export function loadManifests(path: string, directory: string, from: string): readonly LoadedManifest[] {
  const file = resolve(directory, path)
  const files = isFolder(file, path, from) ? folderFiles(file, path, from) : [file]
  return files.flatMap((each) => parseManifests(readText(each, path, from), shortPath(each), extname(each) === '.json'))
}

function isFolder(file: string, path: string, from: string): boolean {
  try {
    return statSync(file).isDirectory()
  } catch (cause) {
    const isUrl = /^https?:\/\//.test(path)
    throw new UsageError({
      what: `The manifest ${path} that ${from} names does not exist.`,
      why: isUrl
        ? 'A scenario reads files only: a search must not depend on the network.'
        : `Paths are relative to the folder of the scenario, so ${shortPath(file)} was looked for.`,
      fix: isUrl
        ? 'Download the manifest, put it beside the scenario, and name that file.'
        : 'Correct the path, or put the file there.',
      cause,
    })
  }
}

function folderFiles(folder: string, path: string, from: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => MANIFEST_EXTENSIONS.includes(extname(name)))
  if (names.length === 0) {
    throw new UsageError({
      what: `The folder ${path} that ${from} names holds no manifest.`,
      why: `Files that end in ${MANIFEST_EXTENSIONS.join(', ')} are read, but not those of folders below it.`,
      fix: 'Name the file or the folder in which the manifests are.',
    })
  }
  return names.sort().map((name) => join(folder, name))
}

function readText(file: string, path: string, from: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  } catch (cause) {
    throw new UsageError({
      what: `The manifest ${path} that ${from} names cannot be read: ${(cause as Error).message}.`,
      why: 'Usually the permissions of the file do not allow it.',
      fix: 'Make the file readable.',
      cause,
    })
  }
}

/** @param file its name in messages */
export function parseManifests(text: string, file: string, isJson = false): readonly LoadedManifest[] {
  const documents = isJson ? parseJson(text, file) : parseYaml(text, file)
  return documents.flatMap(({ value, lines }) => flatten(value, lines, file))
}

/** A document, and the line of it (first) and of its items where it is a list. */
interface ParsedDocument {
  readonly value: unknown
  readonly lines: readonly number[]
}

function parseJson(text: string, file: string): readonly ParsedDocument[] {
  try {
    return [{ value: JSON.parse(text), lines: [] }]
  } catch (cause) {
    const message = (cause as Error).message
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length)
    const line = text.slice(0, position).split('\n').length
    throw syntaxError(file, line, message.replace(/ \(line.*| at position.*/, ''), cause)
  }
}

function parseYaml(text: string, file: string): readonly ParsedDocument[] {
  const lineCounter = new LineCounter()
  const lineOf = (node: Node | null | undefined) => lineCounter.linePos(node?.range?.[0] ?? 0).line
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: kubernetesTags,
    lineCounter,
    prettyErrors: false,
  })
  if (!Array.isArray(documents)) return []
  return (
    documents
      .map((document): ParsedDocument => {
        const error = document.errors[0]
        if (error !== undefined) throw syntaxError(file, lineCounter.linePos(error.pos[0]).line, error.message, error)
        const line = lineOf(document.contents)
        return { value: toData(document, file, line), lines: [line, ...itemLines(document, lineOf)] }
      })
      // Nothing but comments between two separators.
      .filter(({ value }) => value !== null)
  )
}

/** Without `timestamp`, the base-60 numbers and `binary`: Kubernetes reads them as strings. */
function kubernetesTags(tags: Tags): Tags {
  const dropped = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:binary'])
  return tags.filter(
    (tag) => typeof tag === 'string' || !(dropped.has(tag.tag) || ('format' in tag && tag.format === 'TIME')),
  )
}

function toData(document: Document, file: string, line: number): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw syntaxError(file, line, (cause as Error).message, cause)
  }
}

function itemLines(document: Document, lineOf: (node: Node) => number): readonly number[] {
  const items = isMap(document.contents) ? document.contents.get('items') : undefined
  return isSeq(items) ? items.items.map((item) => lineOf(item as Node)) : []
}

function syntaxError(file: string, line: number, message: string, cause: unknown): UsageError {
  return new UsageError({
    what: `${file}:${line} is not a manifest: ${message.split('\n')[0]}`,
    why: 'Usually the indentation is wrong, a quote or bracket is missing, or a key is there twice.',
    fix: `Correct line ${line} of ${file} (\`kubectl apply --dry-run=client -f\` reads the same syntax).`,
    cause,
  })
}

function flatten(value: unknown, lines: readonly number[], file: string): readonly LoadedManifest[] {
  const origin = lines[0] === undefined ? file : `${file}:${lines[0]}`
  if (!isListOfObjects(value)) return [{ object: checkObject(value, origin), origin }]
  const itemType =
    value.kind === 'List' ? {} : { apiVersion: value.apiVersion, kind: value.kind.slice(0, -'List'.length) }
  return value.items.map((item, index) => {
    const itemOrigin = lines[index + 1] === undefined ? `${origin}, items[${index}]` : `${file}:${lines[index + 1]}`
    return { object: checkObject(isFields(item) ? { ...itemType, ...item } : item, itemOrigin), origin: itemOrigin }
  })
}

interface ObjectListManifest {
  readonly apiVersion: unknown
  readonly kind: string
  readonly items: readonly unknown[]
}

/** `kubectl get -o yaml` writes `List`; the API's own lists are `PodList` and the like, and have no name. */
function isListOfObjects(value: unknown): value is ObjectListManifest {
  return (
    isFields(value) &&
    typeof value.kind === 'string' &&
    value.kind.endsWith('List') &&
    Array.isArray(value.items) &&
    namesOf(value) === undefined
  )
}

/**
 * The object, when it has what every object has: apiVersion, kind, and a name or generateName.
 * @param origin where it stands: `cluster.yaml:12` or `scenario.ts, objects[0]`
 */
export function checkObject(value: unknown, origin: string): KubernetesObject {
  if (!isFields(value)) {
    throw objectError(
      origin,
      `is ${describe(value)}, not an object`,
      'a separator line (---) is missing, or the manifest is a template that was not rendered',
    )
  }
  const label = namesOf(value) ?? 'without a name'
  if (typeof value.kind !== 'string' || value.kind === '')
    throw objectError(origin, `(${label}) has no kind`, 'the field kind is missing or not text')
  if (typeof value.apiVersion !== 'string' || value.apiVersion === '') {
    throw objectError(
      origin,
      `(${value.kind} ${label}) has no apiVersion`,
      'the field apiVersion is missing or not text',
    )
  }
  if (namesOf(value) === undefined) {
    throw objectError(
      origin,
      `(${value.kind}) has no name`,
      'metadata.name is missing, empty, or not text (a number must be quoted)',
    )
  }
  return value as unknown as KubernetesObject
}

function objectError(origin: string, what: string, why: string): UsageError {
  return new UsageError({
    what: `The object at ${origin} ${what}.`,
    why: `Usually ${why}.`,
    fix: 'Give it apiVersion, kind and metadata.name, as kubectl apply needs them.',
  })
}

/** metadata.name, or metadata.generateName. */
function namesOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const metadata = isFields(value.metadata) ? value.metadata : {}
  return [metadata.name, metadata.generateName].find((name): name is string => typeof name === 'string' && name !== '')
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'empty' : `a ${typeof value}`
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shortPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') ? file : path
}
