/** A program of `@kubernetes/client-node` for the recorders' tests, a server for it, and what its trace comes to. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'
import { serve } from '#serve.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'

export interface Place {
  readonly directory: string
  /** File of a kubeconfig that leads to the server. */
  readonly kubeconfig: string
  readonly file: (name: string) => string
  close(): Promise<void>
}

/** A server with a token, and a folder. */
export async function startPlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'kamera-record-'))
  const file = (name: string) => join(directory, name)
  const server = await serve({ token: 'upstream-token-0123' })
  writeFileSync(file('upstream.kubeconfig'), server.kubeconfig)
  return {
    directory,
    kubeconfig: file('upstream.kubeconfig'),
    file,
    close: async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export function configOf(text: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromString(text)
  return config
}

export function readTrace(file: string): { readonly header: TraceHeader; readonly events: readonly TraceEvent[] } {
  const [header, ...events] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { header: header as TraceHeader, events: events as TraceEvent[] }
}

type Mark = (name: string, run: () => Promise<void>) => Promise<void>

/**
 * Copies every ConfigMap whose name has no `-copy` into one that has, one after the other; until `count` are copied
 * twice over (a change of the original changes the copy). `mark` is a reconcile's wrapper.
 */
export async function runCopier(config: KubeConfig, count: number, mark: Mark = (_, run) => run()): Promise<void> {
  const api = config.makeApiClient(CoreV1Api)
  const queue: string[] = []
  let wake = (): void => {}
  const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', () =>
    api.listNamespacedConfigMap({ namespace: 'default' }),
  )
  const enqueue = (object: V1ConfigMap): void => {
    const name = object.metadata?.name ?? ''
    if (name.endsWith('-copy') || queue.includes(name)) return
    queue.push(name)
    wake()
  }
  informer.on('add', enqueue)
  informer.on('update', enqueue)
  await informer.start()
  const done = new Set<string>()
  while (done.size < count) {
    const name = queue.shift()
    if (name === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    await mark(name, async () => {
      const original = await api.readNamespacedConfigMap({ namespace: 'default', name })
      if (await copy(api, original)) done.add(name)
    })
  }
  await informer.stop()
}

/** Whether the copy has the second value now. */
async function copy(api: CoreV1Api, original: V1ConfigMap): Promise<boolean> {
  const { name = '', uid = '' } = original.metadata ?? {}
  const body = {
    metadata: {
      name: `${name}-copy`,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true }],
    },
    ...(original.data === undefined ? {} : { data: original.data }),
  }
  try {
    await api.createNamespacedConfigMap({ namespace: 'default', body })
  } catch {
    await api.replaceNamespacedConfigMap({ namespace: 'default', name: `${name}-copy`, body })
  }
  return original.data?.['value'] === 'second'
}

/** The user of the copier: makes `count` ConfigMaps and changes each when its copy is there. */
export async function useCopier(config: KubeConfig, count: number): Promise<void> {
  const api = config.makeApiClient(CoreV1Api)
  for (let i = 0; i < count; i++) {
    const metadata = { name: `map-${i}` }
    await api.createNamespacedConfigMap({ namespace: 'default', body: { metadata, data: { value: 'first' } } })
    for (let found = false; !found; ) {
      const { items } = await api.listNamespacedConfigMap({ namespace: 'default' })
      found = items.some((item) => item.metadata?.name === `map-${i}-copy`)
    }
    await api.patchNamespacedConfigMap({
      namespace: 'default',
      name: `map-${i}`,
      body: [{ op: 'replace', path: '/data/value', value: 'second' }],
    })
  }
}

/**
 * Which change led to which: `cause → request → what it wrote`, for every reconcile of a process, without versions and
 * numbers.
 */
export function causalGraph(events: readonly TraceEvent[], process: string): readonly string[] {
  const lines: string[] = []
  for (const event of events) {
    if (event.type !== 'reconcile-begin' || event.process !== process) continue
    const causes = event.causes.map((cause) => `${cause.event ?? cause.type} ${cause.object ?? ''}`)
    const wrote = events.flatMap((call) =>
      call.type === 'call' && call.by === event.reconcile
        ? (call.committed ?? []).map(({ object }) => `${call.verb} ${object}`)
        : [],
    )
    lines.push(`${causes.join(', ')} → ${event.request.namespace}/${event.request.name} → ${wrote.join(', ')}`)
  }
  return lines
}
