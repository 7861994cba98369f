/**
 * Alpha and beta both claim status.owner: a controller claims it when it has no owner, or when spec.desired is
 * itself. Desired is alpha, so beta may be first but alpha is last: one outcome.
 * (Parity with the Go Kamera's racecondition.)
 */
import { defineController, defineScenario } from 'kamera'

const toggle = { apiVersion: 'race.examples/v1', kind: 'Toggle' }

function claimant(name: string, self: string) {
  return defineController({
    name,
    for: toggle,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(toggle, request)
        if (object === undefined) return
        const owner: string = object.status?.owner ?? ''
        if (owner === self) return
        if (owner === '' || object.spec.desired === self) {
          await client.status().update({ ...object, status: { owner: self } })
        }
      },
    }),
  })
}

export default defineScenario({
  name: 'toggle',
  kinds: [toggle],
  objects: [{ ...toggle, metadata: { namespace: 'default', name: 'race-toggle' }, spec: { desired: 'alpha' } }],
  controllers: [claimant('AlphaController', 'alpha'), claimant('BetaController', 'beta')],
})
