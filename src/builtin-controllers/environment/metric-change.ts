/** Load that changes by itself, for a scenario's `environment`: `horizontalpodautoscaler` looks at it. */
import { metricsConfigMap } from '../horizontalpodautoscaler/horizontalpodautoscaler.ts'

/**
 * The metric takes another of its values: `metricChange('Deployment.web.cpu', ['100m', '900m'])`. The ConfigMap
 * `metrics` of the namespace (default `default`) must be there.
 */
export function metricChange(metric: string, values: readonly string[], { namespace = 'default' } = {}) {
  const target = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: metricsConfigMap }
  return {
    name: `${metric} changes`,
    each: () => values,
    act: (_cluster: unknown, value: string) => ({
      type: 'patch' as const,
      target,
      patch: { data: { [metric]: value } },
    }),
  }
}
