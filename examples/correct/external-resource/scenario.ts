/**
 * A Bucket in a cloud. It is asked for with the object's uid as token, so asking twice makes one; a finalizer holds the
 * object until the bucket is given back; and nothing is asked for an object that may be gone.
 */
import { create, defineController, defineExternal, defineScenario, remove } from 'kamera'

const bucket = { apiVersion: 'example.kamera.dev/v1', kind: 'Bucket' }
const finalizer = 'example.kamera.dev/bucket'
const logs = { namespace: 'default', name: 'logs' }

interface Cloud {
  readonly buckets: Readonly<Record<string, { readonly token: string }>>
}

const cloud = defineExternal<Cloud>({
  name: 'cloud',
  state: { buckets: {} },
  methods: {
    ensureBucket({ buckets }, token: string) {
      const known = Object.keys(buckets).find((id) => buckets[id]?.token === token)
      if (known !== undefined) return { result: known }
      const id = this.newId('bucket-')
      return { state: { buckets: { ...buckets, [id]: { token } } }, result: id }
    },
    deleteBucket({ buckets }, token: string) {
      return {
        state: { buckets: Object.fromEntries(Object.entries(buckets).filter(([, each]) => each.token !== token)) },
      }
    },
  },
  resources: ({ buckets }) => Object.keys(buckets),
})

const bucketController = defineController({
  name: 'bucket-operator',
  for: bucket,
  reconciler: ({ client, apiReader, external }) => ({
    async reconcile(request) {
      const object = await apiReader.tryGet(bucket, request)
      if (object === undefined) return
      const { metadata, status } = object
      if (metadata.deletionTimestamp !== undefined) {
        await external('cloud').deleteBucket(metadata.uid)
        await client.update({ ...object, metadata: { ...metadata, finalizers: [] } })
      } else if (metadata.finalizers === undefined) {
        await client.update({ ...object, metadata: { ...metadata, finalizers: [finalizer] } })
      } else if (status?.bucketId === undefined) {
        const bucketId = await external('cloud').ensureBucket(metadata.uid)
        await client.status().update({ ...object, status: { bucketId } })
      }
    },
  }),
})

export default defineScenario({
  name: 'external-resource',
  kinds: [bucket],
  externals: [cloud],
  controllers: [bucketController],
  actions: [create({ ...bucket, metadata: logs }), remove({ ...bucket, ...logs })],
})
