/**
 * Objects that a program keeps travel once, and are named by number from then on. Answers are frozen, and the same
 * version of an object is mostly the same JavaScript object, so identity tells whether it was sent.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { HostReply } from '#controller/host.ts'

/** An object that the program is to keep under its number. */
export interface KeptObject {
  readonly id: number
  readonly object: KubernetesObject
}

/** What a message says of objects: those that come with it, and whether all earlier ones are to be dropped before. */
export interface ObjectNews {
  readonly forget?: true
  readonly objects?: readonly KeptObject[]
}

/** An answer whose objects are numbers of kept ones. */
export type PackedReply = HostReply | { readonly object: number } | { readonly items: readonly number[] }

const KEPT_MAX = 4096

export class KeptObjects {
  #numbers = new WeakMap<KubernetesObject, number>()
  #last = 0
  #news: KeptObject[] = []
  #forget = false

  /** To be called before the answers of a message are packed, never in between: numbers must last for the message. */
  begin(): void {
    this.#news = []
    this.#forget = this.#last >= KEPT_MAX
    if (!this.#forget) return
    this.#numbers = new WeakMap()
    this.#last = 0
  }

  pack(reply: HostReply): PackedReply {
    if ('items' in reply) return { items: reply.items.map((object) => this.#numberOf(object)) }
    if ('object' in reply && reply.object !== undefined) return { object: this.#numberOf(reply.object) }
    return reply
  }

  /** What goes with the message whose answers were packed since `begin`. */
  news(): ObjectNews {
    return {
      ...(this.#forget ? { forget: true } : {}),
      ...(this.#news.length === 0 ? {} : { objects: this.#news }),
    }
  }

  #numberOf(object: KubernetesObject): number {
    const known = this.#numbers.get(object)
    if (known !== undefined) return known
    const id = ++this.#last
    this.#numbers.set(object, id)
    this.#news.push({ id, object })
    return id
  }
}
