/** A controller that knows no client: it gets a view, thinks, and says what is to be written. */
import { type EffectRecorder, ExplorerBuilder, Scheme, type Strategy, type StrategyView } from 'kamera'
import { describe, expect, it } from 'vitest'

const route = { apiVersion: 'example.com/v1', kind: 'Route' }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }

/** As a configuration generator is: all routes in, one ConfigMap out; each route is told when it is in it. */
class GatewayGenerator implements Strategy {
  private readonly recorder: EffectRecorder
  private view!: StrategyView

  constructor(recorder: EffectRecorder) {
    this.recorder = recorder
  }

  prepare(view: StrategyView): void {
    this.view = view
  }

  async run(): Promise<void> {
    const routes = this.view.list(route)
    const data = Object.fromEntries(routes.map(({ metadata, spec }) => [metadata.name ?? '', spec.host]))
    const metadata = { namespace: 'default', name: 'gateway' }
    const existing = this.view.get(configMap, metadata)
    if (existing === undefined) this.recorder.create({ ...configMap, metadata, data })
    else if (JSON.stringify(existing['data']) !== JSON.stringify(data)) {
      this.recorder.patch(existing, { data }, { patchType: 'merge' })
    }
    for (const object of routes) {
      if (object['status']?.accepted !== true) this.recorder.updateStatus({ ...object, status: { accepted: true } })
    }
  }
}

const routeOf = (name: string) => ({
  ...route,
  metadata: { namespace: 'default', name },
  spec: { host: `${name}.example.com` },
})

function gateway(create: (recorder: EffectRecorder) => Strategy) {
  const builder = new ExplorerBuilder(new Scheme().add(route))
  builder.withStrategy('gateway', create)
  builder.withResourceDep('example.com/Route', 'gateway').withResourceDep('core/ConfigMap', 'gateway')
  return builder
}

describe('a strategy', () => {
  it('is prepared with what it depends on, run, and its writes are made', async () => {
    const builder = gateway((recorder) => new GatewayGenerator(recorder))
    const initial = builder
      .newStateEventBuilder()
      .addTopLevelObject(routeOf('a'), 'gateway')
      .addTopLevelObject(routeOf('b'), 'gateway')
    const { convergedStates, findings, verdict } = await builder.withFaults(1).build().explore(initial)
    expect(findings).toEqual([])
    expect(verdict).toBe('holds')
    expect(
      convergedStates.map(({ objects }) => objects.map(({ kind, data, status }) => [kind, data ?? status])),
    ).toEqual([
      [
        ['ConfigMap', { a: 'a.example.com', b: 'b.example.com' }],
        ['Route', { accepted: true }],
        ['Route', { accepted: true }],
      ],
    ])
  })

  it('that throws has made the writes recorded before, as a client would', async () => {
    const builder = gateway((recorder) => ({
      prepare() {},
      async run() {
        recorder.create({ ...configMap, metadata: { namespace: 'default', name: 'half-done' } })
        throw new Error('the disk is full')
      },
    }))
    const initial = builder.newStateEventBuilder().addTopLevelObject(routeOf('a'), 'gateway')
    const { findings, convergedStates } = await builder.build().explore(initial)
    expect(convergedStates).toEqual([])
    expect(findings.map(({ oracle }) => oracle)).toEqual(['no-error-loop'])
    expect(findings[0]?.path.steps[0]?.writes).toMatchObject([{ op: 'create', object: 'ConfigMap default/half-done' }])
  })
})
