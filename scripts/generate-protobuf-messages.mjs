/**
 * Writes src/api/protobuf/messages.ts: the fields of Kubernetes' protobuf messages, from the .proto files of its Go
 * modules, with what only the Go structs know: the JSON name, whether a field is a pointer, left out when empty, or
 * inlined. Needs Go and access to its module proxy; run it for a new Kubernetes version.
 *
 *   node scripts/generate-protobuf-messages.mjs [version of the modules, default v0.35.0]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { downloadModules } from './go-modules.mjs'
import { root } from './run.mjs'

const version = process.argv[2] ?? 'v0.35.0'
const output = join(root, 'src/api/protobuf/messages.ts')
const MODULES = {
  api: 'k8s.io/api',
  apimachinery: 'k8s.io/apimachinery',
  apiextensions: 'k8s.io/apiextensions-apiserver',
}
/** Bodies that are no stored kind. */
const OTHER_ROOTS = {
  'policy/v1/Eviction': 'api.policy.v1.Eviction',
  '/v1/Binding': 'api.core.v1.Binding',
  'autoscaling/v1/Scale': 'api.autoscaling.v1.Scale',
  '/v1/DeleteOptions': 'apimachinery.pkg.apis.meta.v1.DeleteOptions',
  'authentication.k8s.io/v1/TokenRequest': 'api.authentication.v1.TokenRequest',
  'authentication.k8s.io/v1/TokenReview': 'api.authentication.v1.TokenReview',
  'authentication.k8s.io/v1/SelfSubjectReview': 'api.authentication.v1.SelfSubjectReview',
  'authorization.k8s.io/v1/SelfSubjectAccessReview': 'api.authorization.v1.SelfSubjectAccessReview',
  'authorization.k8s.io/v1/SubjectAccessReview': 'api.authorization.v1.SubjectAccessReview',
  'authorization.k8s.io/v1/LocalSubjectAccessReview': 'api.authorization.v1.LocalSubjectAccessReview',
  'authorization.k8s.io/v1/SelfSubjectRulesReview': 'api.authorization.v1.SelfSubjectRulesReview',
}
const SCALARS = { string: 's', int32: 'i', int64: 'i', bool: 'b', bytes: 'y', double: 'd' }

/** Folders below `folder` that hold a generated.proto. */
function protoFolders(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name === 'generated.proto')
    .map((entry) => entry.parentPath ?? entry.path)
}

/** Messages of a .proto file: full name → fields. */
function readProto(text) {
  const messages = new Map()
  const prefix = /^package ([\w.]+);/m.exec(text)[1]
  for (const [, name, body] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = []
    for (const line of body.split('\n')) {
      const match = /^\s+(optional|repeated|map<string, ([\w.]+)>)(?: ([\w.]+))? (\w+) = (\d+);/.exec(line)
      if (match === null) continue
      const [, label, mapValue, type, field, number] = match
      const shape = mapValue !== undefined ? 'm' : label === 'repeated' ? 'r' : ''
      fields.push({ number: Number(number), name: field, type: resolve(mapValue ?? type, prefix), shape })
    }
    messages.set(`${prefix}.${name}`, fields)
  }
  return messages
}

function resolve(type, prefix) {
  if (SCALARS[type] !== undefined) return SCALARS[type]
  if (type.startsWith('.')) return type.slice(1)
  return type.includes('.') ? type : `${prefix}.${type}`
}

/** What Go says of the fields of a package: struct → name in protobuf → JSON name and flags. */
function readStructs(folder) {
  const structs = new Map()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.go') && !name.startsWith('generated.'))) {
    let current
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const begin = /^type (\w+) struct \{/.exec(line)
      if (begin) structs.set(begin[1], (current = new Map()))
      else if (line === '}') current = undefined
      else if (current) {
        const match = /^\s+([\w.*[\]]+)(?:\s+([^\s`]+))?\s+`(.*)`/.exec(line)
        const json = match && /json:"([^"]*)"/.exec(match[3])?.[1]
        const name = match && /protobuf:"[^"]*name=(\w+)/.exec(match[3])?.[1]
        if (!match || json == null || !name) continue
        const [jsonName, ...options] = json.split(',')
        const flags = [
          (match[2] ?? match[1]).startsWith('*') ? 'p' : '',
          options.includes('omitempty') ? 'o' : '',
          options.includes('inline') ? 'n' : '',
        ].join('')
        current.set(name, { jsonName, flags })
      }
    }
  }
  return structs
}

const shortName = (name) => name.replace(/^k8s\.io\./, '')

async function main() {
  const { builtInKinds } = await tsImport('../src/api/built-in-kinds.ts', import.meta.url)
  const folders = downloadModules(MODULES, version)
  const messages = new Map()
  const structs = new Map()
  for (const module of Object.values(folders)) {
    for (const folder of protoFolders(module)) {
      const read = readProto(readFileSync(join(folder, 'generated.proto'), 'utf8'))
      const ofFolder = readStructs(folder)
      for (const [name, fields] of read) {
        messages.set(name, fields)
        structs.set(name, ofFolder.get(name.split('.').at(-1)) ?? new Map())
      }
    }
  }
  const types = {}
  const use = (name) => {
    const short = shortName(name)
    if (types[short] !== undefined || !messages.has(name)) return short
    types[short] = ''
    types[short] = messages
      .get(name)
      .map(({ number, name: field, type, shape }) => {
        const { jsonName = field, flags = '' } = structs.get(name).get(field) ?? {}
        return `${number}:${jsonName}:${type.length === 1 ? type : use(type)}:${shape}${flags}`
      })
      .join(';')
    return short
  }
  const kinds = {}
  for (const { group, version: served, kind } of builtInKinds) {
    const name = [...messages.keys()].find((candidate) => isKind(candidate, { group, version: served, kind }))
    if (name !== undefined) kinds[`${group}/${served}/${kind}`] = use(name)
  }
  for (const [kind, name] of Object.entries(OTHER_ROOTS)) kinds[kind] = use(`k8s.io.${name}`)
  write({ kinds, types })
}

function isKind(name, { group, version: served, kind }) {
  const first = group === '' ? 'core' : group.split('.')[0]
  const inner = group === 'apiextensions.k8s.io' ? 'apiextensions_apiserver.pkg.apis.apiextensions' : `api.${first}`
  return name === `k8s.io.${inner}.${served}.${kind}`
}

function write({ kinds, types }) {
  const entries = Object.entries(types).map(([name, fields]) => `${JSON.stringify(name)}:${JSON.stringify(fields)}`)
  const lines = entries.flatMap((entry, index) => (index % 2 === 0 ? [entries.slice(index, index + 2).join(',')] : []))
  const text = `/**
 * The fields of Kubernetes' protobuf messages; read by decode.ts.
 * Generated by scripts/generate-protobuf-messages.mjs from ${Object.values(MODULES).join(', ')} ${version}. Do not edit.
 *
 * Copyright The Kubernetes Authors.
 * Licensed under the Apache License, Version 2.0; you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * A field is number:name in JSON:type:flags. A type is s, i, b, y, d (string, integer, boolean, bytes, double) or a
 * message; flags are r repeated, m map from strings, p pointer (its zero counts), o left out of JSON when it is zero,
 * n inlined in JSON.
 */
export const protobufMessagesJson = \`{"kinds":${JSON.stringify(kinds)},
"types":{
${lines.join(',\n')}
}}\`
`
  writeFileSync(output, text)
  console.log(
    `${output}: ${Object.keys(kinds).length} kinds, ${Object.keys(types).length} messages, ${text.length} bytes`,
  )
}

if (!existsSync(join(root, 'src/api/protobuf'))) throw new Error('src/api/protobuf is missing')
await main()
