import type { Client, ReconcileRequest } from 'kamera'
import { bar, foo } from './foo-reconciler.ts'

/** Brings each Bar to the size that the Foo of its name asks for. */
export class BarReconciler {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const object = await this.client.tryGet(bar, request)
    const owner = await this.client.tryGet(foo, request)
    if (object === undefined || owner === undefined) return
    if (object.status?.size !== owner.spec.size) {
      await this.client.status().update({ ...object, status: { size: owner.spec.size } })
    }
  }
}
