/** `kamera serve`: the simulated API server over HTTP, until it is interrupted. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { loadScenario } from './load-scenario.ts'
import { scenarioAt } from './serve-at.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

export interface ServeArguments {
  readonly port: number
  readonly host: string
  readonly scenario?: string
  readonly set: Readonly<Record<string, unknown>>
  readonly persist?: string
  readonly at?: string
  readonly token?: string
  readonly tls: boolean
  /** URLs by service. */
  readonly webhookService?: Readonly<Record<string, string>>
  readonly controllers: 'none' | 'workloads' | 'all'
  readonly kubeconfig: string
  readonly json: boolean
}

export async function serveVerb(given: ServeArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const { workingDirectory } = terminal
  const { port, host, set, persist, token, tls, controllers } = given
  const loaded =
    given.scenario === undefined ? undefined : await loadScenario(given.scenario, { set, workingDirectory })
  const scenario =
    loaded === undefined || given.at === undefined ? loaded : await scenarioAt(loaded, given.at, workingDirectory)
  const serve = await verbs.serve()
  const server = await serve({
    port,
    host,
    tls,
    controllers,
    ...(scenario === undefined ? {} : { scenario }),
    ...(persist === undefined ? {} : { persist: resolve(workingDirectory, persist) }),
    ...(token === undefined ? {} : { token }),
    ...(given.webhookService === undefined ? {} : { webhookServices: given.webhookService }),
    onFault: (message) => terminal.error(`${message}\n`),
  })
  const kubeconfig = resolve(workingDirectory, given.kubeconfig)
  writeKubeconfig(kubeconfig, server.kubeconfig)
  const shown = relative(workingDirectory, kubeconfig)
  const path = shown.startsWith('..') ? kubeconfig : shown
  terminal.out(
    given.json
      ? `${JSON.stringify({ formatVersion: 1, url: server.url, kubeconfig })}\n`
      : `Serving a simulated Kubernetes API at ${server.url}\n  export KUBECONFIG=${path}\nCtrl-C ends it.\n`,
  )
  await interrupted(terminal)
  await server.close()
  return ExitStatus.holds
}

function writeKubeconfig(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
  } catch (error) {
    throw new UsageError({
      what: `The kubeconfig cannot be written to ${file}: ${(error as Error).message}.`,
      why: 'The folder cannot be written, or a folder has that name.',
      fix: 'Name another file with --kubeconfig.',
      cause: error,
    })
  }
}

/** Waits for the first Ctrl-C or SIGTERM; keeps the program alive meanwhile. */
function interrupted(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    const stop = terminal.onInterrupt(() => {
      stop()
      resolve()
    })
  })
}
