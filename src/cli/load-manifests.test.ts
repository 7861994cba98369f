import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadManifests, parseManifests } from './load-manifests.ts'

const map = (name: string, rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`
const objects = (text: string, isJson = false) =>
  parseManifests(text, 'file.yaml', isJson).map((loaded) => loaded.object)
const names = (text: string) =>
  parseManifests(text, 'file.yaml').map(({ object, origin }) => `${object.kind} ${object.metadata.name} ${origin}`)

describe('manifests', () => {
  it('may be several in a file, with empty documents and comments between', () => {
    expect(names(`# first\n---\n${map('a')}---\n# nothing\n---\n${map('b')}---\n`)).toEqual([
      'ConfigMap a file.yaml:3',
      'ConfigMap b file.yaml:10',
    ])
    expect(names('')).toEqual([])
    expect(names('# only a comment\n')).toEqual([])
  })

  it('are taken out of lists, also of typed lists whose items have no kind', () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n'
    expect(names(list)).toEqual(['Pod a file.yaml:4', 'Secret b file.yaml:7'])
    const typed = objects('apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n')
    expect(typed).toEqual([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } }])
    expect(objects('apiVersion: v1\nkind: List\nitems: []\n')).toEqual([])
  })

  it('takes a custom kind that ends in List for an object when it has a name', () => {
    expect(objects('apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n')[0]).toMatchObject({
      kind: 'AllowList',
      items: ['x'],
    })
  })

  it('are YAML 1.1 as Kubernetes reads it: yes is true, times and 12:30 are text', () => {
    const text = map(
      'a',
      'data:\n  on: yes\n  time: 2024-01-01T00:00:00Z\n  day: 2024-01-01\n  clock: 12:30:45\n  octal: 0644\n  plain: "yes"\n',
    )
    expect(objects(text)[0]?.data).toEqual({
      true: true,
      time: '2024-01-01T00:00:00Z',
      day: '2024-01-01',
      clock: '12:30:45',
      octal: 420,
      plain: 'yes',
    })
  })

  it('may use anchors and merge keys', () => {
    const text = map('a', 'base: &base {x: 1}\ncopy:\n  <<: *base\n  z: 2\n')
    expect(objects(text)[0]?.copy).toEqual({ x: 1, z: 2 })
  })

  it('name file and line of a syntax error', () => {
    expect(() => names(`${map('a')}---\n${map('b')}data:\n  x: "open\n`)).toThrow(/^file\.yaml:\d+ is not a manifest/)
    expect(() => names('a: 1\nb:\n\t- tab\n')).toThrow(/^file\.yaml:3 is not a manifest/)
    expect(() => names(map('a', 'data: {}\ndata: {}\n'))).toThrow(
      /^file\.yaml:6 is not a manifest: Map keys must be unique/,
    )
    expect(() => objects('{\n  "a": 1,\n  oops\n}', true)).toThrow(/^file\.yaml:3 is not a manifest/)
    expect(() => objects('{ "a": 1', true)).toThrow(/^file\.yaml:1 is not a manifest/)
  })

  it('name the object that lacks a name, a kind or an apiVersion', () => {
    expect(() => names(`${map('a')}---\napiVersion: v1\nkind: Pod\nmetadata: {}\n`)).toThrow(
      'The object at file.yaml:6 (Pod) has no name.',
    )
    expect(() => names('apiVersion: v1\nmetadata: {name: a}\n')).toThrow('The object at file.yaml:1 (a) has no kind.')
    expect(() => names('kind: Pod\nmetadata: {name: a}\n')).toThrow(
      'The object at file.yaml:1 (Pod a) has no apiVersion.',
    )
    expect(() => names('apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n')).toThrow('a number must be quoted')
    expect(() => names('just text\n')).toThrow('The object at file.yaml:1 is a string, not an object.')
    expect(() => names('apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n')).toThrow(
      'The object at file.yaml:4 (a) has no kind.',
    )
  })

  it('may have generateName instead of a name', () => {
    expect(objects('apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n')).toHaveLength(1)
  })
})

describe('manifest files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-manifests-'))
  writeFileSync(join(folder, 'b.yaml'), map('b'))
  writeFileSync(
    join(folder, 'a.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
  )
  writeFileSync(join(folder, 'notes.txt'), 'no manifest')
  mkdirSync(join(folder, 'empty'))

  it('are read from a folder in the order of their names', () => {
    expect(loadManifests('.', folder, 'scenario.ts, objects[0]').map(({ object }) => object.metadata.name)).toEqual([
      'a',
      'b',
    ])
  })

  it('name who refers to a file that is missing', () => {
    expect(() => loadManifests('./c.yaml', folder, 'scenario.ts, crds[0]')).toThrow(
      'The manifest ./c.yaml that scenario.ts, crds[0] names does not exist.',
    )
    expect(() => loadManifests('empty', folder, 'scenario.ts, crds[0]')).toThrow('holds no manifest')
    expect(() => loadManifests('https://example.com/crd.yaml', folder, 'scenario.ts, crds[0]')).toThrow(
      'must not depend on the network',
    )
  })
})
