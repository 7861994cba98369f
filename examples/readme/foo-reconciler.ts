import type { Client, ReconcileRequest } from 'kamera'

export const foo = { apiVersion: 'mygroup.example.com/v1', kind: 'Foo' }
export const bar = { apiVersion: 'mygroup.example.com/v1', kind: 'Bar' }

/** Makes a Bar of the same name for each Foo, and says in its status when that Bar is ready. */
export class FooReconciler {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile({ namespace = '', name }: ReconcileRequest): Promise<void> {
    const object = await this.client.tryGet(foo, { namespace, name })
    if (object === undefined) return
    const child = await this.client.tryGet(bar, { namespace, name })
    if (child === undefined) {
      const ownerReferences = [{ ...foo, name, uid: object.metadata.uid, controller: true }]
      await this.client.create({
        ...bar,
        metadata: { namespace, name, ownerReferences },
        spec: { size: object.spec.size },
      })
      return
    }
    const phase = child.status?.size === object.spec.size ? 'Ready' : 'Pending'
    if (object.status?.phase !== phase)
      await this.client.status().update({ ...object, status: { ...object.status, phase } })
  }
}
