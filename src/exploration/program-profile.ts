/** The profile that is searched by default: what the oldest client-go of a scenario's programs makes of views. */
import type { ProfileName } from '#cluster/world.ts'
import { SEARCHED_PROFILES } from './options.ts'
import type { ScenarioHost } from './scenario-cluster.ts'

/**
 * client-go lists at a process start from any API server's cache up to 0.34, which may be older than what was seen
 * before; since 0.35 it streams a consistent list (WatchList).
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
 */
export function profileOfPrograms({ programs }: Pick<ScenarioHost, 'programs'>): ProfileName {
  const isOld = programs.some(({ versions }) => {
    const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(versions['k8s.io/client-go'] ?? '') ?? []
    return major === '0' && Number(minor) < 35
  })
  return isOld ? 'legacy-restart' : (SEARCHED_PROFILES[0] as ProfileName)
}
