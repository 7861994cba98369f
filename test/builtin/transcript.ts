/**
 * Transcripts: what a user does to a small cluster, and what its controllers write and leave, as text.
 *
 *     # https://kubernetes.io/docs/…            comments, the first with the source
 *     controllers daemonset podLifecycle
 *     ----
 *     apply                                     a command, with its input in YAML
 *     kind: DaemonSet
 *     …
 *     ----
 *     daemonset: create Pod default/            its answer, up to an empty line
 *
 * Commands: `controllers NAME…` (first; `podLifecycle:nodes` has an option), `apply` (creates, or merges),
 * `patch KIND NAME [SUBRESOURCE]` (a merge patch), `delete KIND NAME [POLICY]`, `pass 90s`, `show KIND NAME [FIELD.…]`,
 * `objects [KIND]`. All but the last two answer with what the controllers wrote until they rested.
 */
import { parseAllDocuments, stringify } from 'yaml'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { createScheme } from '#api/scheme.ts'
import { builtin } from '#builtin-controllers/builtin.ts'
import { startTestCluster, type TestCluster } from '#builtin-controllers/test-support.ts'
import type { Controller } from '#controller/define-controller.ts'

const kinds = createScheme([])

/** The transcript with the answers that its commands get now. */
export async function replayTranscript(text: string): Promise<string> {
  const blocks = text.split(/\n\n+/).filter((block) => block.trim() !== '')
  let cluster: TestCluster | undefined
  const answered: string[] = []
  for (const block of blocks) {
    const [head = ''] = block.split(/^----$/m)
    const comments = head.split('\n').filter((line) => line.startsWith('#'))
    const [command = '', ...input] = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    if (command === '') {
      answered.push(comments.join('\n'))
      continue
    }
    let output: readonly string[] = []
    if (command.startsWith('controllers ')) {
      cluster = await startTestCluster({ controllers: command.split(' ').slice(1).map(controllerOf) })
    } else if (cluster === undefined) throw new Error('a transcript begins with controllers')
    else output = await answer(cluster, command, input.join('\n'))
    answered.push([...comments, command, ...input, '----', ...output].join('\n'))
  }
  return `${answered.join('\n\n')}\n`
}

/** `daemonset`, or `podLifecycle:nodes` with an option set, or `podLifecycle:readyAfter=2` with a value. */
function controllerOf(text: string): Controller {
  const [name = '', ...options] = text.split(':')
  const make = (builtin as unknown as Record<string, (options: object) => Controller>)[name]
  if (make === undefined) throw new Error(`no built-in controller ${name}`)
  return make(
    Object.fromEntries(
      options.map((option) => {
        const [key = '', value] = option.split('=')
        return [key, value === undefined ? true : Number(value)]
      }),
    ),
  )
}

async function answer(cluster: TestCluster, line: string, input: string): Promise<readonly string[]> {
  const [command = '', kind = '', name = '', more = ''] = line.split(' ')
  switch (command) {
    case 'apply':
      for (const document of parseAllDocuments(input)) await applyObject(cluster, document.toJS() as KubernetesObject)
      return settled(cluster)
    case 'patch': {
      const client = more === 'status' ? cluster.user.status() : cluster.user
      const [patch] = parseAllDocuments(input)
      await client.patch(targetOf(kind, name), patch?.toJS() as object, { patchType: 'merge' })
      return settled(cluster)
    }
    case 'delete':
      await cluster.user.delete(targetOf(kind, name), more === '' ? {} : { propagationPolicy: more as 'Foreground' })
      return settled(cluster)
    case 'pass':
      return cluster.pass(Number.parseInt(kind, 10) * ({ s: 1, m: 60, h: 3600 }[kind.at(-1) as 's'] ?? 1) * 1000)
    case 'objects':
      return cluster.objects().filter((object) => kind === '' || object.startsWith(`${kind} `))
    case 'show': {
      let shown: unknown = cluster.get(kind, name)
      for (const field of more === '' ? [] : more.split('.')) shown = (shown as Record<string, unknown>)?.[field]
      return stringify(shown ?? null, { lineWidth: 0 })
        .trimEnd()
        .split('\n')
    }
    default:
      throw new Error(`no command ${command}`)
  }
}

async function settled(cluster: TestCluster): Promise<readonly string[]> {
  return (await cluster.settle()).filter((line) => !line.startsWith('user: '))
}

async function applyObject(cluster: TestCluster, object: KubernetesObject): Promise<void> {
  const { namespace, name: local = '' } = object.metadata
  const name = namespace === undefined ? local : `${namespace}/${local}`
  if (cluster.get(object.kind, local) === undefined) {
    const { status, ...rest } = object as KubernetesObject & { readonly status?: object }
    const { key } = targetOf(object.kind, name)
    await cluster.user.create({ ...rest, metadata: { ...object.metadata, ...key } })
    if (status !== undefined) {
      await cluster.user.status().patch(targetOf(object.kind, name), { status }, { patchType: 'merge' })
    }
  } else await cluster.user.patch(targetOf(object.kind, name), object, { patchType: 'merge' })
}

/** `name` may be `namespace/name`; the namespace is `default` otherwise. */
function targetOf(kind: string, path: string): { type: TypeReference; key: { namespace?: string; name: string } } {
  const resource = kinds.all.find((entry) => entry.kind === kind)
  if (resource === undefined) throw new Error(`no kind ${kind}`)
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  const [name = '', namespace = 'default'] = path.split('/').reverse()
  return { type: { apiVersion, kind }, key: resource.namespaced ? { namespace, name } : { name } }
}
