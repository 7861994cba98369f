/**
 * What the watchers of an object see of a change, and which such events the writes of a run will probably be to the
 * controllers of its own program: a host in another process can ask about them together with the write's answer. A
 * guess decides nothing: who is told, and when, is for the delivery to say.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ObjectEvent } from '#controller/controller.ts'
import type { EventAhead } from '#controller/host.ts'
import type { Run } from './run.ts'
import { type Cluster, kindOf } from './tables.ts'
import { versionOf } from './versions.ts'

/** Names a change by its pair of versions. */
export function changeKey(before: number, after: number): number {
  return before * 67108864 + after
}

/**
 * The event of a change, the same object for as long as nobody has planned its delivery. Events seen by predicates
 * carry placeholder resourceVersions that differ, as old and new always do.
 */
export function watchEvent({ versions, eventsAhead }: Cluster, before: number, after: number): ObjectEvent {
  const told = eventsAhead.get(changeKey(before, after))
  if (told !== undefined) return told
  const old = before === 0 ? undefined : marked(versionOf(versions, before).body, '1')
  const object = after === 0 ? undefined : marked(versionOf(versions, after).body, '2')
  if (object === undefined) return { type: 'DELETED', object: old as KubernetesObject }
  return old === undefined ? { type: 'ADDED', object } : { type: 'MODIFIED', object, old }
}

function marked(body: KubernetesObject, resourceVersion: string): KubernetesObject {
  return Object.freeze({ ...body, metadata: Object.freeze({ ...body.metadata, resourceVersion }) })
}

/** The events of the changes of a run from number `from` on whose delivery nobody has planned yet. */
export function eventsAhead(cluster: Cluster, { request, changes }: Run, from: number): readonly EventAhead[] {
  const events: EventAhead[] = []
  for (const { slot, before, after } of changes.slice(from)) {
    const key = changeKey(before, after)
    if (cluster.plans.has(key)) continue
    for (const { definition } of request.controller.process.controllers) {
      const types = definition.foreign?.types ?? []
      if (!types.some((type) => kindOf(cluster, type.apiVersion, type.kind) === slot.kind)) continue
      const event = watchEvent(cluster, before, after)
      cluster.eventsAhead.set(key, event)
      events.push({ controller: definition.name, event })
    }
  }
  return events
}
