/** A monitored agent and a rollout are created. */
import { create } from 'kamera'

export const rollout = { apiVersion: 'example.kamera.dev/v1', kind: 'Rollout' }
export const agent = { apiVersion: 'example.kamera.dev/v1', kind: 'Agent' }

export const workload = {
  kinds: [rollout, agent],
  actions: [
    create({ ...agent, metadata: { namespace: 'default', name: 'node' } }),
    create({ ...rollout, metadata: { namespace: 'default', name: 'web' }, spec: {} }),
  ],
}
