/**
 * What a pod asks of the processor, memory and storage that a quota counts.
 * Source: k8s.io/component-helpers/resource/helpers.go (PodRequests, PodLimits).
 */
import { parseQuantity } from '#api/structural-schema/quantity.ts'

type Texts = Readonly<Record<string, unknown>>

interface Container {
  readonly restartPolicy?: string
  readonly resources?: { readonly requests?: Texts; readonly limits?: Texts }
}

/** The part of a pod's spec that has to do with its use. */
export interface PodSpecOfUse {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly overhead?: Texts
}

/**
 * The billionths of `what` (`cpu`, `memory` …) that a pod requests or is limited to; undefined where it names none.
 * Init containers run one after another before the containers, so the pod needs the greater of both; those that
 * restart always stay beside all that comes after them. Overhead adds to requests, and to limits that there are.
 */
export function podUsage(spec: PodSpecOfUse, side: 'requests' | 'limits', what: string): bigint | undefined {
  const of = ({ resources }: Container): bigint | undefined => amount(resources?.[side]?.[what])
  let running: bigint | undefined
  for (const container of containersOf(spec.containers)) running = sum(running, of(container))
  let sidecars: bigint | undefined
  let starting: bigint | undefined
  for (const container of containersOf(spec.initContainers)) {
    const own = of(container)
    const now = sum(sidecars, own)
    if (container.restartPolicy === 'Always') {
      running = sum(running, own)
      sidecars = now
    }
    if (now !== undefined && (starting === undefined || now > starting)) starting = now
  }
  const most = running === undefined || (starting !== undefined && starting > running) ? starting : running
  if (side === 'limits' && (most === undefined || most === 0n)) return most
  return sum(most, amount(spec.overhead?.[what]))
}

function containersOf(containers: unknown): readonly Container[] {
  return Array.isArray(containers) ? (containers as readonly Container[]) : []
}

function amount(text: unknown): bigint | undefined {
  return text === undefined ? undefined : parseQuantity(String(text))
}

function sum(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined) return right
  return right === undefined ? left : left + right
}
