/**
 * The state form of a declared memory: uids and generated names in it are renamed as they are everywhere else, so that
 * states merge which differ only in how often something was made and removed. All else is compared as it is: numbers
 * and instants of a memory mean what the controller says, and nobody else.
 *
 * A memory is a holder: what it mentions is not forgotten. If it were, a state whose memory names the object that is
 * there, and one whose memory names its predecessor, would be taken for one. Why renaming loses nothing: a controller
 * can only compare a uid or a generated name with others that the state holds, and their ranks tell these apart.
 */
import type { Json } from '#api/object.ts'
import { intern, valueOf } from './interner.ts'
import { remembered } from './remembered-hash.ts'
import { type Renaming, renameText } from './renaming.ts'
import { hashJson } from './structural-hash.ts'
import type { Cluster } from './tables.ts'
import { identitySignature } from './version-signature.ts'
import { identitiesIn } from './versions.ts'

/** The id of a memory's content; to be called after the writes of the reconcile that leaves it. */
export function internMemory(cluster: Cluster, json: Json): number {
  const text = JSON.stringify(json)
  const known = cluster.memories.idByKey.get(text)
  return known ?? intern(cluster.memories, text, { json, identities: identitiesIn(cluster.versions, json) })
}

/** Canonical hash of a memory, into `lanes`. */
export function hashMemory(cluster: Cluster, renaming: Renaming, id: number): void {
  const { json, identities } = valueOf(cluster.memories, id)
  if (identities.uidTokens.length + identities.names.length === 0)
    return remembered(cluster.renamedMemories, id, 0, () => hashJson(json))
  remembered(cluster.renamedMemories, id, identitySignature(cluster, renaming, identities), () => {
    const rename = (text: string): string => renameText(cluster, renaming, identities, text)
    hashJson(json, (value) => (typeof value === 'string' ? rename(value) : value), '', rename)
  })
}
