/** A Fleet's status sums up its Ships: how many there are, and how many of them are ready. */
import { create, defineController, defineScenario, patch, remove } from 'kamera'

const fleet = { apiVersion: 'example.kamera.dev/v1', kind: 'Fleet' }
const ship = { apiVersion: 'example.kamera.dev/v1', kind: 'Ship' }
const north = { namespace: 'default', name: 'north' }
const aurora = { namespace: 'default', name: 'aurora' }

const fleetController = defineController({
  name: 'fleet-operator',
  for: fleet,
  watches: [
    { ...ship, requests: ({ metadata: { namespace = '', labels } }) => [{ namespace, name: labels?.fleet ?? '' }] },
  ],
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const object = await client.tryGet(fleet, { namespace, name })
      if (object === undefined) return
      const ships = await client.list(ship, { namespace, labelSelector: { fleet: name } })
      const ready = ships.filter(({ status }) => status?.ready === true)
      const status = { ships: ships.length, ready: ready.length }
      if (object.status?.ships === status.ships && object.status?.ready === status.ready) return
      await client.status().update({ ...object, status })
    },
  }),
})

export default defineScenario({
  name: 'status-roll-up',
  kinds: [fleet, ship],
  controllers: [fleetController],
  actions: [
    create({ ...fleet, metadata: north }),
    create({ ...ship, metadata: { ...aurora, labels: { fleet: 'north' } } }),
    create({ ...ship, metadata: { namespace: 'default', name: 'borealis', labels: { fleet: 'north' } } }),
    patch({ ...ship, ...aurora }, { status: { ready: true } }, { subresource: 'status' }),
    remove({ ...ship, namespace: 'default', name: 'borealis' }),
  ],
})
