/** A kubeconfig for a server, as YAML. */
import { stringify } from 'yaml'

export interface KubeconfigOptions {
  readonly url: string
  readonly token?: string
  /** PEM of the certificate to trust. Without one, over plain http or not, certificates are not checked. */
  readonly certificate?: string
}

export function kubeconfigText({ url, token, certificate }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'kamera',
        cluster: {
          server: url,
          ...(certificate === undefined
            ? { 'insecure-skip-tls-verify': true }
            : { 'certificate-authority-data': Buffer.from(certificate).toString('base64') }),
        },
      },
    ],
    users: [{ name: 'kamera', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'kamera', context: { cluster: 'kamera', user: 'kamera', namespace: 'default' } }],
    'current-context': 'kamera',
  })
}
