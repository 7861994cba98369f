/**
 * Writes src/api/merge/built-in-types.ts: for every built-in kind the types of its fields, how lists and maps of them
 * merge in server-side apply (from client-go's schema of apply configurations) and in strategic merge patches (from
 * the tags of the Go structs). Needs Go and access to its module proxy; run it for a new Kubernetes version.
 *
 *   node scripts/generate-merge-keys.mjs [version of the modules, default v0.35.0]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { parse } from 'yaml'
import { downloadModules } from './go-modules.mjs'
import { root } from './run.mjs'

const version = process.argv[2] ?? 'v0.35.0'
const output = join(root, 'src/api/merge/built-in-types.ts')
const MODULES = { clientGo: 'k8s.io/client-go', api: 'k8s.io/api', apimachinery: 'k8s.io/apimachinery' }

/** The schema that client-go's apply configurations are typed by: name → type. */
function readSchema(clientGo) {
  const source = readFileSync(join(clientGo, 'applyconfigurations/internal/internal.go'), 'utf8')
  const yaml = /typed\.YAMLObject\(`([\s\S]*?)`\)/.exec(source)[1]
  return new Map(parse(yaml).types.map((type) => [type.name, type]))
}

/** Go structs of a package: name → fields with their JSON name, tags, and the structs they inline. */
function readStructs(folder) {
  const structs = new Map()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('types.go'))) {
    let current
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const begin = /^type (\w+) struct \{/.exec(line)
      if (begin) structs.set(begin[1], (current = { fields: new Map(), inlined: [] }))
      else if (line === '}') current = undefined
      else if (current) readField(current, line)
    }
  }
  return structs
}

function readField(struct, line) {
  const match = /^\s+([\w.*[\]]+)(?:\s+([^\s`]+))?\s+`json:"([^"]*)"(.*)`/.exec(line)
  if (!match) return
  const [, name, type, json, tags] = match
  const jsonName = json.split(',')[0]
  if (json.includes(',inline')) struct.inlined.push((type ?? name).replace('*', ''))
  const strategy = /patchStrategy:"([^"]*)"/.exec(tags)?.[1]
  if (strategy) struct.fields.set(jsonName, { strategy, key: /patchMergeKey:"([^"]*)"/.exec(tags)?.[1] })
}

/** Patch tags of a struct and what it inlines. */
function tagsOf(structs, name) {
  const struct = structs.get(name)
  if (!struct) return new Map()
  return new Map([...struct.inlined.flatMap((inlined) => [...tagsOf(structs, inlined)]), ...struct.fields])
}

const SHORT = { string: 's', numeric: 'n', boolean: 'b', untyped: 'u' }
/** Types with a form of their own, or of any form, that client-go's schema calls untyped or gives a structure. */
const SPECIAL = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'm',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'i',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'u',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'u',
}
const shortName = (name) => name.replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.)?/, '')

async function main() {
  const { builtInKinds } = await tsImport('../src/api/built-in-kinds.ts', import.meta.url)
  const folders = downloadModules(MODULES, version)
  const schema = readSchema(folders.clientGo)
  const packages = new Map()
  const structsOf = (folder) => {
    if (!packages.has(folder)) packages.set(folder, readStructs(folder))
    return packages.get(folder)
  }
  const goPackage = (name) => {
    const api = /^io\.k8s\.api\.([\w.]+)\.(v\w+)\.\w+$/.exec(name)
    if (api) return join(folders.api, api[1], api[2])
    return name.startsWith('io.k8s.apimachinery.pkg.apis.meta.v1.')
      ? join(folders.apimachinery, 'pkg/apis/meta/v1')
      : undefined
  }
  const types = {}
  const use = (name) => {
    if (SPECIAL[name] !== undefined) return SPECIAL[name]
    const short = shortName(name)
    if (types[short] !== undefined) return `#${short}`
    const type = schema.get(name)
    if (type === undefined || type.scalar) return SHORT[type?.scalar ?? 'untyped']
    if (!type.map?.fields) return convert(type)
    types[short] = {}
    const folder = goPackage(name)
    const tags = folder === undefined ? new Map() : tagsOf(structsOf(folder), name.split('.').at(-1))
    const fields = {}
    for (const field of type.map.fields) {
      const { strategy, key } = tags.get(field.name) ?? {}
      const converted = convert(field.type)
      const more = {
        ...(strategy === undefined ? {} : { p: strategy }),
        ...(key === undefined ? {} : { k: key }),
        ...(field.default === undefined || field.default === '' || typeof field.default === 'object'
          ? {}
          : { d: field.default }),
      }
      fields[field.name] = Object.keys(more).length === 0 ? converted : { t: converted, ...more }
    }
    types[short] = { f: fields, ...(type.map.elementRelationship === 'atomic' ? { a: 1 } : {}) }
    return `#${short}`
  }
  const convert = (type) => {
    if (type.namedType) {
      const name = use(type.namedType)
      return type.elementRelationship === 'atomic' && name.startsWith('#') ? { r: name, a: 1 } : name
    }
    if (type.list) {
      const { elementType, elementRelationship, keys } = type.list
      const list = { l: convert(elementType) }
      if (elementRelationship === 'associative') return keys ? { ...list, m: keys } : { ...list, s: 1 }
      return list
    }
    if (type.map) {
      const atomic = type.map.elementRelationship === 'atomic' ? { a: 1 } : {}
      if (type.map.fields)
        return { f: Object.fromEntries(type.map.fields.map((field) => [field.name, convert(field.type)])), ...atomic }
      return { v: type.map.elementType ? convert(type.map.elementType) : 'u', ...atomic }
    }
    return SHORT[type.scalar ?? 'untyped']
  }
  const kinds = {}
  for (const [key, name] of builtInKindNames(builtInKinds, schema)) kinds[key] = use(name).slice(1)
  write({ kinds, types })
}

/** Kinds that this project serves, as `group/version/Kind`, with their type's name. */
function builtInKindNames(builtInKinds, schema) {
  return builtInKinds.flatMap(({ group, version: groupVersion, kind }) => {
    const folder = group === '' ? 'core' : group.startsWith('rbac.') ? 'rbac' : group.split('.')[0]
    const names = [folder, group.replace(/\.k8s\.io$/, '')].map((part) => `io.k8s.api.${part}.${groupVersion}.${kind}`)
    const name = names.find((candidate) => schema.has(candidate))
    return name === undefined ? [] : [[`${group}/${groupVersion}/${kind}`, name]]
  })
}

function write({ kinds, types }) {
  const lines = Object.entries(types).map(([name, type]) => `${JSON.stringify(name)}:${JSON.stringify(type)}`)
  const text = `{"kinds":${JSON.stringify(kinds)},\n"types":{\n${lines.join(',\n')}\n}}`
  writeFileSync(
    output,
    `/**
 * The types of built-in kinds and how their lists and maps merge; read by merge-types.ts.
 * Generated by scripts/generate-merge-keys.mjs from k8s.io/client-go ${version} (applyconfigurations/internal),
 * k8s.io/api ${version} and k8s.io/apimachinery ${version} (struct tags). Do not edit.
 *
 * Copyright The Kubernetes Authors.
 * Licensed under the Apache License, Version 2.0; you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * A type is s, n, b, u (string, number, boolean, anything), t, m, q, i (time, time with microseconds, quantity, number
 * or string), #name, or an object: l list of (m keys of a map, s set, else atomic), v map of, f fields, r name; a
 * atomic. A field with more than its type has it in t, beside p and k (patch strategy and merge key) and d (default).
 */
export const builtInTypesJson = \`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\`
`,
  )
  console.log(`${output}: ${Object.keys(kinds).length} kinds, ${Object.keys(types).length} types, ${text.length} bytes`)
}

await main()
