/** A source is created. */
import { create } from 'kamera'

export const source = { apiVersion: 'example.kamera.dev/v1', kind: 'Source' }

export const workload = {
  kinds: [source],
  actions: [create({ ...source, metadata: { namespace: 'default', name: 'charts' } })],
}
