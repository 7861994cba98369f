import { defineScenario } from 'kamera'

export default ({ n = 2, label = 'none' }: { n?: number; label?: string }) =>
  defineScenario({
    name: 'parametrised',
    controllers: [],
    objects: Array.from({ length: n }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `map-${index}`, labels: { label } },
    })),
  })
