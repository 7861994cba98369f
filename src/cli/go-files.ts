/** The files with which a Go operator is explored: a module of its own in the folder `kamera` of the operator's. */
import type { GoOperator, Setup } from './go-operator.ts'

/** Below the operator's folder. */
export const KAMERA_FOLDER = 'kamera'

/** In a module whose path lies below the operator's, so that it may import what is internal there. */
export function goMod({ module, goVersion, replaces }: GoOperator, hostLibrary: string): string {
  const major = /\/v(\d+)$/.exec(module)?.[1] ?? '0'
  const [, minor = '0'] = /^1\.(\d+)/.exec(goVersion) ?? []
  return `module ${module}/${KAMERA_FOLDER}

go ${Number(minor) >= 25 ? goVersion : '1.25.0'}

require (
\t${module} v${major}.0.0
\tkamera.dev/kamera v0.0.0
)

replace (
\t${module} => ../
\tkamera.dev/kamera => ${hostLibrary}${replaces.map((line) => `\n\t${fromBelow(line)}`).join('')}
)
`
}

/** A replacement by a folder, as seen from one folder deeper. */
function fromBelow(line: string): string {
  return line.replace(/=>\s*(\.{1,2}\/\S*)/, (_, path: string) => `=> ../${path.replace(/^\.\//, '')}`)
}

const OURS: ReadonlyMap<string, string> = new Map([
  ['runtime', 'k8s.io/apimachinery/pkg/runtime'],
  ['utilruntime', 'k8s.io/apimachinery/pkg/util/runtime'],
  ['clientgoscheme', 'k8s.io/client-go/kubernetes/scheme'],
  ['ctrl', 'sigs.k8s.io/controller-runtime'],
])

export function goMain(operator: GoOperator): string {
  const { imports, setups } = operator
  const schemes = operator.schemes.filter(
    (name) => imports.has(name) && imports.get(name) !== OURS.get('clientgoscheme'),
  )
  const code = setups.flatMap(({ before, call }) => [...before, call]).join('\n')
  const used = [...imports].filter(([name]) => schemes.includes(name) || new RegExp(`(?<![\\w.])${name}\\.`).test(code))
  return `// The controllers of this operator, hosted by Kamera, which starts this program: kamera explore scenario.ts
package main

import (
${importLines(new Map([...OURS, ...used]))}

\t"kamera.dev/kamera"
)

func main() {
\tscheme := runtime.NewScheme()
\tutilruntime.Must(clientgoscheme.AddToScheme(scheme))
${schemes.map((name) => `\tutilruntime.Must(${name}.AddToScheme(scheme))\n`).join('')}
\tkamera.Main(setup, kamera.WithScheme(scheme))
}

// setup is what the operator's own main does with its manager. It is called anew for every fresh instance.
func setup(mgr ctrl.Manager) error {
${setups.length === 0 ? '\t// Add your controllers here: (&controller.FooReconciler{Client: mgr.GetClient()}).SetupWithManager(mgr)\n' : ''}${setups.map(setupLines).join('')}\treturn nil
}
`
}

function importLines(imports: ReadonlyMap<string, string>): string {
  const lines = [...imports].map(([name, path]) => ({
    path,
    name: path.endsWith(`/${name}`) || path === name ? '' : `${name} `,
  }))
  const text = (own: readonly { readonly path: string; readonly name: string }[]) =>
    [...own]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, name }) => `\t${name}"${path}"`)
      .join('\n')
  const isStandard = ({ path }: { readonly path: string }) => !(path.split('/')[0] as string).includes('.')
  const standard = lines.filter(isStandard)
  return `${standard.length === 0 ? '' : `${text(standard)}\n\n`}${text(lines.filter((line) => !isStandard(line)))}`
}

function setupLines({ before, call, unknown }: Setup): string {
  const missing = unknown.length === 0 ? '' : `\t// From your main: ${unknown.join(', ')}.\n`
  const defined = before.map((line) => `\t${indented(line)}\n`).join('')
  return `${missing}${defined}\tif err := ${indented(call)}; err != nil {\n\t\treturn err\n\t}\n`
}

/** Lines after the first, moved so that the last one stands where the first does. */
function indented(code: string): string {
  const lines = code.split('\n')
  const depth = /^\t*/.exec(lines.at(-1) ?? '')?.[0].length ?? 0
  const move = (line: string) => `\t${line.slice(Math.min(depth, /^\t*/.exec(line)?.[0].length ?? 0))}`
  return lines.map((line, index) => (index === 0 ? line : move(line))).join('\n')
}

export function goScenario({ module, crds, samples, setups, webhookManifests }: GoOperator): string {
  const name = operatorName(module)
  const list = (paths: readonly string[], item: (path: string) => string) =>
    paths.length < 2 ? `[${paths.map(item).join('')}]` : `[\n${paths.map((path) => `    ${item(path)},\n`).join('')}  ]`
  const quoted = (path: string) => `'../${path}'`
  const hasWebhooks = webhookManifests !== undefined && setups.some(({ call }) => call.includes('Webhook'))
  const actions =
    samples.length === 0
      ? "  // What a user does, as apply('../config/samples/foo.yaml').\n  actions: [],\n"
      : `  actions: ${list(samples, (path) => `apply(${quoted(path)})`)},\n`
  return `/** The controllers of ${module} in every order, with stale caches, crashes and API errors. */
import { ${samples.length === 0 ? '' : 'apply, '}builtin, defineScenario, goController } from 'kamera'

export default defineScenario({
  name: '${name}',
  crds: ${list(crds, quoted)},
${hasWebhooks ? `  objects: [${quoted(webhookManifests)}],\n` : ''}  controllers: [goController({ name: '${name}' }), ...builtin.workloads()],
${actions}  // What must hold: always, sometimes and eventually.
  properties: [],
})
`
}

function operatorName(module: string): string {
  const parts = module.split('/').filter((part) => !/^v\d+$/.test(part))
  return (parts.at(-1) ?? 'operator').replace(/[^A-Za-z0-9-]/g, '-')
}
