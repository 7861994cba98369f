/** A volume is created. The cloud that it is made in is part of the cluster's state: its disks are in the outcomes. */
import { create, defineExternal } from 'kamera'

export const volume = { apiVersion: 'example.kamera.dev/v1', kind: 'Volume' }

interface Cloud {
  readonly disks: Readonly<Record<string, { readonly sizeGb: number; readonly token?: string }>>
}

/** As clouds do it: a request with a token that was seen before is answered with what it made then. */
const cloud = defineExternal<Cloud>({
  name: 'cloud',
  state: { disks: {} },
  methods: {
    createDisk({ disks }, sizeGb: number, token?: string) {
      const known = Object.keys(disks).find((id) => token !== undefined && disks[id]?.token === token)
      if (known !== undefined) return { result: known }
      const id = this.newId('disk-')
      const disk = token === undefined ? { sizeGb } : { sizeGb, token }
      return { state: { disks: { ...disks, [id]: disk } }, result: id }
    },
  },
  resources: ({ disks }) => Object.keys(disks),
})

export const workload = {
  kinds: [volume],
  externals: [cloud],
  actions: [create({ ...volume, metadata: { namespace: 'default', name: 'data' }, spec: { sizeGb: 20 } })],
}
