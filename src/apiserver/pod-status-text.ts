/** What kubectl prints as the status of a pod. Source: kubernetes/pkg/printers/internalversion (printPod). */

// biome-ignore lint/suspicious/noExplicitAny: pods have no type here; absent fields are undefined
type Fields = any

/** `Pending`, `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, … */
export function podStatusText(pod: Fields): string {
  const { metadata, spec = {}, status = {} } = pod
  const initial = initialStatus(spec, status)
  const reason = initial ?? runningStatus(status)
  if (metadata.deletionTimestamp === undefined) return reason
  return status.reason === 'NodeLost' ? 'Unknown' : isOver(status.phase) ? reason : 'Terminating'
}

function isOver(phase: unknown): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/** While an init container has not done its work. */
function initialStatus(spec: Fields, status: Fields): string | undefined {
  const total = (spec.initContainers ?? []).length
  const statuses: readonly Fields[] = status.initContainerStatuses ?? []
  for (const [index, { state = {} }] of statuses.entries()) {
    if (state.terminated?.exitCode === 0) continue
    if (state.terminated !== undefined) return `Init:${endReason(state.terminated)}`
    const waiting = state.waiting?.reason
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`
    return `Init:${index}/${total}`
  }
  return undefined
}

function runningStatus(status: Fields): string {
  let reason: string = status.reason || status.phase || ''
  const gated = (status.conditions ?? []).some(
    ({ type, reason: why }: Fields) => type === 'PodScheduled' && why === 'SchedulingGated',
  )
  if (gated) reason = 'SchedulingGated'
  let hasRunning = false
  for (const { state = {}, ready } of [...(status.containerStatuses ?? [])].reverse()) {
    if (state.waiting?.reason) reason = state.waiting.reason
    else if (state.terminated !== undefined) reason = endReason(state.terminated)
    else if (ready === true && state.running !== undefined) hasRunning = true
  }
  if (reason !== 'Completed' || !hasRunning) return reason
  const isReady = (status.conditions ?? []).some(
    ({ type, status: value }: Fields) => type === 'Ready' && value === 'True',
  )
  return isReady ? 'Running' : 'NotReady'
}

function endReason({ reason, signal, exitCode }: Fields): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)
}
