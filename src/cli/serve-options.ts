/** The options of `serve`. */
import { type Command, Option } from 'commander'
import { oneOf, parameters, wholeNumber } from './option-values.ts'
import type { ServeArguments } from './serve.ts'
import type { ExitStatus, Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

const CONTROLLERS = ['none', 'workloads', 'all'] as const

/** As commander gives them: absent where the user did not say. */
type Parsed = { readonly [Name in keyof ServeArguments]?: ServeArguments[Name] }

export function addServe(
  command: Command,
  terminal: Terminal,
  verbs: Verbs,
  finish: (status: ExitStatus) => void,
): void {
  command
    .summary('serve the simulated API server over HTTP')
    .description('Serves the simulated API server over HTTP for kubectl and any other client, until Ctrl-C.')
    .option('--port <n>', 'port; 0 for any free one (default: 6443)', wholeNumber('--port'))
    .option('--host <address>', 'address to listen on; any but loopback needs --token (default: 127.0.0.1)')
    .option('--scenario <file>', "serve a scenario's kinds, CRDs and objects")
    .option('--set <name=value>', 'a parameter of the scenario; repeatable', parameters)
    .option('--persist <file>', 'keep what is written in a file, for the next start')
    .option('--at <dump#step>', 'serve what is stored after a step of a finding in a dump of --scenario')
    .option('--token <text>', 'ask clients for this bearer token')
    .option('--tls', 'serve https, with a certificate made now')
    .addOption(
      new Option(
        '--controllers <which>',
        'built-in controllers to run: none, workloads or all (default: none)',
      ).argParser(oneOf('--controllers', CONTROLLERS)),
    )
    .option(
      '--webhook-service <service=url>',
      'where the service of a webhook is: NAMESPACE/NAME=URL; repeatable',
      webhookServices,
    )
    .option('--kubeconfig <file>', 'where to write a kubeconfig (default: .kamera/kubeconfig)')
    .option('--json', 'print the address as JSON')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
POST /kamera.dev/compact forgets all history before now, as etcd's compaction does.

Examples:
  kamera serve --controllers all
  kamera serve --scenario scenario.ts --port 0 --persist cluster.journal`,
    )
    .action(async (parsed: Parsed) => {
      const { serveVerb } = await import('./serve.ts')
      finish(await serveVerb(completed(parsed), terminal, verbs))
    })
}

function webhookServices(text: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, service, url = ''] = /^([^/=]+\/[^/=]+)=(https?:\/\/.+)$/.exec(text) ?? []
  if (service !== undefined && URL.canParse(url)) return { ...previous, [service]: url }
  throw new UsageError({
    what: `--webhook-service ${text} is not a service and its URL.`,
    why: 'It says where the webhooks are that a configuration registers by service: NAMESPACE/NAME=URL.',
    fix: 'Write --webhook-service default/hooks=https://127.0.0.1:9443.',
  })
}

function completed(parsed: Parsed): ServeArguments {
  const { port = 6443, host = '127.0.0.1', set = {}, tls = false, controllers = 'none', json = false } = parsed
  const { kubeconfig = '.kamera/kubeconfig', scenario, persist, token, at, webhookService } = parsed
  if (at !== undefined && scenario === undefined)
    throw new UsageError({
      what: '--at needs --scenario.',
      why: 'A dump holds what was written, and the scenario what was there before and its kinds.',
      fix: 'Write --scenario scenario.ts --at search.dump#17.',
    })
  if (port > 65535)
    throw new UsageError({
      what: `There is no port ${port}.`,
      why: 'Ports go up to 65535.',
      fix: 'Try --port 0 for any free one.',
    })
  if (token === '')
    throw new UsageError({
      what: '--token is empty.',
      why: 'A variable may not be set.',
      fix: 'Give a token, or leave --token out.',
    })
  return {
    port,
    host,
    set,
    tls,
    controllers,
    json,
    kubeconfig,
    ...(scenario === undefined ? {} : { scenario }),
    ...(persist === undefined ? {} : { persist }),
    ...(token === undefined ? {} : { token }),
    ...(at === undefined ? {} : { at }),
    ...(webhookService === undefined ? {} : { webhookService }),
  }
}
