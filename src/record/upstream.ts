/** Where a kubeconfig leads, and with which credentials. Source: kubernetes.io/docs/reference/config-api/kubeconfig.v1. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

export interface Upstream {
  readonly url: URL
  /** PEM of the authorities to trust; default: the system's. */
  readonly authorities?: string | Buffer
  readonly checksCertificate: boolean
  /** The name that the certificate must have, where it is not the URL's. */
  readonly serverName?: string
  /** PEM of a client's certificate and its key. */
  readonly certificate?: { readonly certificate: string | Buffer; readonly key: string | Buffer }
  /** The value of `Authorization` for requests in the kubeconfig's name. Read anew each time: tokens in files change. */
  readonly authorization: () => string | undefined
}

interface Named {
  readonly name: string
}
interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly (Named & { readonly context: { readonly cluster: string; readonly user?: string } })[]
  readonly clusters?: readonly (Named & { readonly cluster: Readonly<Record<string, unknown>> })[]
  readonly users?: readonly (Named & { readonly user?: Readonly<Record<string, unknown>> })[]
}

/** @throws Error that says what the file lacks. @param context default: the file's current one */
export function readUpstream(file: string, context?: string): Upstream {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig | null
  const name = context ?? config?.['current-context'] ?? ''
  const chosen = config?.contexts?.find((each) => each.name === name)?.context
  if (chosen === undefined) throw new Error(name === '' ? 'it has no current context' : `it has no context ${name}`)
  const cluster = config?.clusters?.find((each) => each.name === chosen.cluster)?.cluster
  if (typeof cluster?.['server'] !== 'string') throw new Error(`it has no cluster ${chosen.cluster} with a server`)
  const user = config?.users?.find((each) => each.name === chosen.user)?.user ?? {}
  for (const kind of ['exec', 'auth-provider'])
    if (user[kind] !== undefined)
      throw new Error(
        `its user ${chosen.user} asks a program for credentials (${kind}), which is not supported; record before kubectl proxy, or with a token`,
      )
  const part = (fields: Readonly<Record<string, unknown>>, field: string): string | Buffer | undefined => {
    const data = fields[`${field}-data`]
    if (typeof data === 'string') return Buffer.from(data, 'base64')
    const path = fields[field]
    return typeof path === 'string' ? readFileSync(resolve(dirname(file), path)) : undefined
  }
  const authorities = part(cluster, 'certificate-authority')
  const certificate = part(user, 'client-certificate')
  const key = part(user, 'client-key')
  const serverName = cluster['tls-server-name']
  return {
    url: new URL(cluster['server']),
    ...(authorities === undefined ? {} : { authorities }),
    checksCertificate: cluster['insecure-skip-tls-verify'] !== true,
    ...(typeof serverName === 'string' ? { serverName } : {}),
    ...(certificate === undefined || key === undefined ? {} : { certificate: { certificate, key } }),
    authorization: () => authorizationOf(user, dirname(file)),
  }
}

function authorizationOf(user: Readonly<Record<string, unknown>>, directory: string): string | undefined {
  const { token, tokenFile, username, password } = user
  if (typeof tokenFile === 'string') return `Bearer ${readFileSync(resolve(directory, tokenFile), 'utf8').trim()}`
  if (typeof token === 'string') return `Bearer ${token}`
  if (typeof username !== 'string') return undefined
  return `Basic ${Buffer.from(`${username}:${String(password ?? '')}`).toString('base64')}`
}
