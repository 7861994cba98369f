/** A recording of a real program, replayed against its code: the same, or where it differs. */
import { readFileSync } from 'node:fs'
import { CoreV1Api } from '@kubernetes/client-node'
import { defineController, defineScenario } from 'kamera'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import { record } from '#record.ts'
import { replayTrace } from '#replay-trace.ts'
import { configOf, type Place, readTrace, startPlace } from '../record/recorded.ts'

const type = { apiVersion: 'v1', kind: 'ConfigMap' }

/** The same reconcile for the cluster and for the replay. */
async function reconcile(api: CoreV1Api, name: string, suffix = '-copy'): Promise<void> {
  const original = await api.readNamespacedConfigMap({ namespace: 'default', name })
  const body = { metadata: { name: name + suffix }, ...(original.data === undefined ? {} : { data: original.data }) }
  await api.createNamespacedConfigMap({ namespace: 'default', body })
}

const scenarioWith = (suffix: string) =>
  defineScenario({
    name: 'copier',
    controllers: [
      defineController({
        name: 'copier',
        for: type,
        reconciler: ({ kubeConfig }) => ({
          reconcile: ({ name }) =>
            reconcile((kubeConfig as ReturnType<typeof configOf>).makeApiClient(CoreV1Api), name, suffix),
        }),
      }),
    ],
  })

describe('replay of a recording', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('says of the wrapper’s and of the proxy’s that the same code does the same, and where other code differs', async () => {
    const [byWrapper, byProxy] = [place.file('wrapper.jsonl'), place.file('proxy.jsonl')]
    const recorder = await record({ upstream: place.kubeconfig, out: byProxy, clients: ['copier'] })
    const config = configOf(recorder.kubeconfigs.get('copier') as string)
    const recorded = instrument(config, { out: byWrapper, process: 'copier' })
    const user = configOf(readFileSync(place.kubeconfig, 'utf8')).makeApiClient(CoreV1Api)
    const api = config.makeApiClient(CoreV1Api)
    for (const name of ['a', 'b']) {
      await user.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name }, data: { x: name } } })
      await recorded.reconcile('copier', { namespace: 'default', name }, () => reconcile(api, name))
    }
    await recorded.close()
    await recorder.close()
    for (const file of [byWrapper, byProxy]) {
      const trace = readTrace(file)
      const same = await replayTrace(scenarioWith('-copy'), trace)
      expect(same).toMatchObject({
        identical: true,
        whole: false,
        reconciles: [{ status: 'same' }, { status: 'same' }],
      })
      const other = await replayTrace(scenarioWith('-clone'), trace)
      expect(other).toMatchObject({ identical: false, reconciles: [{ status: 'different' }, { status: 'different' }] })
      expect(other.reconciles[0]?.difference).toContain('metadata.name was "a-copy" then, and is "a-clone" now')
    }
  }, 120_000)
})
