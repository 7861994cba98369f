/**
 * YAML as Kubernetes reads it: version 1.1, but times, binary data and base-60 numbers stay text.
 */
import { parse, type Tags } from 'yaml'
import { isYamlTooDeep } from './text-depth.ts'

export interface YamlOptions {
  /** Whether a key may be repeated; the last one counts. Default false. */
  readonly repeatedKeys?: boolean
}

/** YAML of one document; JSON is YAML too, and read faster. Throws an Error that says what is wrong. */
export function parseYaml(text: string, { repeatedKeys = false }: YamlOptions = {}): unknown {
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      // Flow style that is no JSON.
      if (isYamlTooDeep(text)) throw new Error('exceeded max depth')
    }
  }
  return parse(text, { version: '1.1', maxAliasCount: 100, uniqueKeys: !repeatedKeys, customTags: kubernetesTags })
}

const DROPPED: ReadonlySet<string> = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:binary'])

function kubernetesTags(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'string' || !(DROPPED.has(tag.tag) || ('format' in tag && tag.format === 'TIME')),
  )
}
