/**
 * A program as people write them with @kubernetes/client-node, with nothing of Kamera in it: a Secret for each
 * ConfigMap, made when the ConfigMap appears and removed when it goes.
 */
import { CoreV1Api, type KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'

export async function startOperator(kubeConfig: KubeConfig): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api)
  const list = () => core.listConfigMapForAllNamespaces()
  const informer = makeInformer<V1ConfigMap>(kubeConfig, '/api/v1/configmaps', list)
  informer.on('add', async (source) => {
    const namespace = source.metadata?.namespace ?? ''
    const body = { metadata: { name: source.metadata?.name ?? '' }, stringData: source.data ?? {} }
    await core.createNamespacedSecret({ namespace, body }).catch((error: { readonly code?: number }) => {
      if (error.code !== 409) throw error
    })
  })
  // Nobody is told of a deletion that happened while the program was down: the Secret stays for ever.
  informer.on('delete', async (source) => {
    const { name = '', namespace = '' } = source.metadata ?? {}
    await core.deleteNamespacedSecret({ name, namespace }).catch((error: { readonly code?: number }) => {
      if (error.code !== 404) throw error
    })
  })
  await informer.start()
}
