/**
 * Who sends a request: programs are told apart by the token of their kubeconfig, else by their credentials and user
 * agent. Credentials are compared and passed on, never kept in a trace: what names a client there is a number.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface Client {
  readonly process: string
  readonly controller: string
  /** It came with a token of the recorder: the request goes on with the upstream's own credentials. */
  readonly isOurs: boolean
}

export interface Clients {
  /** The token of a program that has a name. */
  readonly tokens: ReadonlyMap<string, string>
  clientOf(headers: IncomingHttpHeaders): Client
}

/** @param names of the programs that get a kubeconfig of their own */
export function createClients(names: readonly string[]): Clients {
  const tokens = new Map(names.map((name) => [name, randomBytes(24).toString('base64url')]))
  const byToken = new Map([...tokens].map(([name, token]) => [`Bearer ${token}`, name]))
  const known = new Map<string, Client>()
  const taken = new Map<string, number>()
  return {
    tokens,
    clientOf(headers) {
      const { authorization = '' } = headers
      const agent = String(headers['user-agent'] ?? '')
      const impersonated = String(headers['impersonate-user'] ?? '')
      const name = byToken.get(authorization)
      // Digests, so that no credential outlives its request.
      const credential = createHash('sha256').update(`${authorization}\n${impersonated}`).digest('base64')
      const key = `${credential} ${name === undefined || name === '' ? agent : ''}`
      let client = known.get(key)
      if (client === undefined) {
        const product = name === undefined || name === '' ? productOf(agent) : name
        const number = (taken.get(product) ?? 0) + 1
        taken.set(product, number)
        const process = number === 1 ? product : `${product} ${number}`
        client = { process, controller: process, isOurs: name !== undefined }
        known.set(key, client)
      }
      return client
    },
  }
}

/** `manager/v1.2 (linux/amd64) kubernetes/abc` is `manager`. */
function productOf(agent: string): string {
  const product = agent.split(/[/ ]/)[0]?.replace(/[^\x21-\x7e]/g, '') ?? ''
  return product === '' ? 'client' : product.slice(0, 64)
}
