/** `external('cloud')` as reconcilers get it: each property is a call of that name, over the transport of the client. */
import type { Transport } from './create-client.ts'
import type { ExternalFailure } from './host.ts'
import { frozenJson, mutableCopy } from './json.ts'

/** What an external system answered with by throwing. `code` is that of the error thrown, if it had one. */
export class ExternalError extends Error {
  readonly code: string | number | undefined

  constructor({ name, message, code }: ExternalFailure) {
    super(message)
    this.name = name
    this.code = code
  }
}

type Calls = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>

/** Calls reject with `ExternalError`, and with `ClientUsageError` for arguments that are no JSON. */
export function createExternalClient(transport: Transport, system: string): Calls {
  const calls: Record<string, Calls[string]> = {}
  return new Proxy(calls, {
    get(_, method) {
      // Whoever returns it from an async function asks for then: it is no promise.
      if (typeof method !== 'string' || method === 'then') return undefined
      calls[method] ??= (...args) => callExternal(transport, system, method, args)
      return calls[method]
    },
  })
}

async function callExternal(
  transport: Transport,
  system: string,
  method: string,
  args: readonly unknown[],
): Promise<unknown> {
  const given = frozenJson(
    args.map((argument) => argument ?? null),
    `the arguments of ${system}.${method}`,
  )
  const reply = await transport({ op: 'external', system, method, args: given as readonly never[] })
  if ('failure' in reply) throw new ExternalError(reply.failure)
  return 'result' in reply ? mutableCopy(reply.result) : undefined
}
