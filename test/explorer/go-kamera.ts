/** The reference's small systems (go-kamera.md E.1, E.2, E.5), written with the builder as its README has it. */
import { type Client, ExplorerBuilder, type ReconcileRequest, Scheme, type StateEventBuilder } from 'kamera'

const foo = { apiVersion: 'webapp.discrete.events/v1', kind: 'Foo' }
const toggle = { apiVersion: 'race.examples/v1', kind: 'Toggle' }

export interface System {
  readonly builder: ExplorerBuilder
  readonly initial: StateEventBuilder
}

type Reconcile = (client: Client, request: ReconcileRequest) => Promise<void>

/** Two reconcilers of one object's kind, both pending at the start. */
function twoReconcilers(
  object: { readonly apiVersion: string; readonly kind: string },
  all: Readonly<Record<string, Reconcile>>,
): System {
  const { apiVersion, kind } = object
  const builder = new ExplorerBuilder(new Scheme().add({ apiVersion, kind }))
  for (const [id, reconcile] of Object.entries(all)) {
    builder.withReconciler(id, (client) => ({ reconcile: (request) => reconcile(client, request) }))
    builder.assignReconcilerToKind(id, `${apiVersion.split('/')[0]}/${kind}`)
  }
  return { builder, initial: builder.newStateEventBuilder().addTopLevelObject(object, ...Object.keys(all)) }
}

const fooObject = { ...foo, metadata: { namespace: 'default', name: 'foo' }, spec: { mode: 'A' } }

/** A step of status.state by a table from the present state to the next. */
function stepper(
  next: (object: { spec: { mode: string }; status?: { state?: string } }) => string | undefined,
): Reconcile {
  return async (client, request) => {
    const object = await client.tryGet(foo, request)
    if (object === undefined) return
    const state = next(object)
    if (state !== undefined) await client.status().update({ ...object, status: { state } })
  }
}

export function trivial(): System {
  const step = stepper(({ status }) => ({ '': 'A-1', 'A-1': 'A-Final' })[status?.state ?? ''])
  return twoReconcilers(fooObject, { FooController: step, BarController: step })
}

const modes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  A: { '': 'A-1', 'B-1': 'A-1', 'A-1': 'A-2', 'A-2': 'A-Final' },
  B: { '': 'B-1', 'A-1': 'B-1', 'B-1': 'B-2', 'B-2': 'B-Final' },
}

export function modeFlip(): System {
  const last = stepper(({ spec, status }) => {
    if (status?.state === 'A-2') return 'A-Final'
    return spec.mode === 'B' && status?.state === 'B-2' ? 'B-Final' : undefined
  })
  const flip: Reconcile = async (client, request) => {
    const object = await client.tryGet(foo, request)
    const mode = { 'A-1': 'B', 'B-1': 'A' }[object?.status?.state as string]
    if (object === undefined || mode === undefined || object.metadata.annotations?.['mode-flip-done'] !== undefined) {
      return last(client, request)
    }
    const annotations = { ...object.metadata.annotations, 'mode-flip-done': 'true' }
    await client.update({ ...object, metadata: { ...object.metadata, annotations }, spec: { ...object.spec, mode } })
  }
  return twoReconcilers(fooObject, {
    FooController: stepper(({ spec, status }) => modes[spec.mode]?.[status?.state ?? '']),
    BarController: flip,
  })
}

export function ownerRace(): System {
  const claim =
    (self: string): Reconcile =>
    async (client, request) => {
      const object = await client.tryGet(toggle, request)
      const owner = object?.status?.owner ?? ''
      if (object === undefined || owner === self || (owner !== '' && object.spec.desired !== self)) return
      await client.status().update({ ...object, status: { owner: self } })
    }
  const object = { ...toggle, metadata: { namespace: 'default', name: 'race-toggle' }, spec: { desired: 'alpha' } }
  return twoReconcilers(object, { AlphaController: claim('alpha'), BetaController: claim('beta') })
}
