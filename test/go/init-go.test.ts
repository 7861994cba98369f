/** `kamera init go` in an operator as kubebuilder lays it out: what it writes is explored as it is. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explored, kamera } from '../examples/run-example.ts'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

const examples = join(root, 'examples/go')

const MAIN = `package main

import (
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"

	examplev1 "example.com/machines/api/v1"
	"example.com/machines/internal/controller"
)

var scheme = runtime.NewScheme()

func init() {
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(examplev1.AddToScheme(scheme))
}

func main() {
	mgr, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{Scheme: scheme})
	if err != nil {
		os.Exit(1)
	}
	if err := (&controller.MachineSetReconciler{
		Client: mgr.GetClient(),
		Scheme: mgr.GetScheme(),
	}).SetupWithManager(mgr); err != nil {
		os.Exit(1)
	}
	if err := mgr.Start(ctrl.SetupSignalHandler()); err != nil {
		os.Exit(1)
	}
}
`

function definition(kind: string): string {
  const plural = `${kind.toLowerCase()}s`
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.kamera.dev` },
    spec: {
      group: 'example.kamera.dev',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } },
      ],
    },
  })
}

/** The operator of examples/go/duplicate-creation in a module of its own. */
function operatorFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-operator-'))
  const goMod = readFileSync(join(examples, 'go.mod'), 'utf8')
    .replace(/^module .*/m, 'module example.com/machines')
    .replace(/^.*kamera\.dev\/kamera.*\n/gm, '')
  const sample = {
    apiVersion: 'example.kamera.dev/v1',
    kind: 'MachineSet',
    metadata: { name: 'web' },
    spec: { replicas: 1 },
  }
  const files = {
    'go.mod': goMod,
    'cmd/main.go': MAIN,
    'config/crd/bases/example.kamera.dev_machinesets.yaml': definition('MachineSet'),
    'config/crd/bases/example.kamera.dev_machines.yaml': definition('Machine'),
    'config/samples/v1_machineset.yaml': JSON.stringify(sample),
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  copyFileSync(join(examples, 'go.sum'), join(folder, 'go.sum'))
  cpSync(join(examples, 'duplicate-creation/api'), join(folder, 'api'), { recursive: true })
  const controller = readFileSync(join(examples, 'duplicate-creation/controller/machineset_controller.go'), 'utf8')
  mkdirSync(join(folder, 'internal/controller'), { recursive: true })
  writeFileSync(
    join(folder, 'internal/controller/machineset_controller.go'),
    controller.replace('kamera.dev/examples/duplicate-creation', 'example.com/machines'),
  )
  return folder
}

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('kamera init go is skipped: there is no Go 1.25', () => {})
} else describe('kamera init go', tests)

function tests(): void {
  it(
    'writes what finds the bug of an operator',
    async () => {
      const folder = operatorFolder()
      const written = await kamera(['init', 'go'], folder)
      expect(written).toMatchObject({ status: 0 })
      const kameraFolder = join(folder, 'kamera')
      const tidy = spawnSync('go', ['mod', 'tidy'], { cwd: kameraFolder, encoding: 'utf8' })
      expect(tidy).toMatchObject({ status: 0 })
      expect(spawnSync('gofmt', ['-l', '.'], { cwd: kameraFolder, encoding: 'utf8' }).stdout).toBe('')
      const { reports } = await explored(join(kameraFolder, 'scenario.ts'))
      expect(reports.map(({ verdict, findings }) => [verdict, findings.map(({ oracle }) => oracle)])).toEqual([
        ['violated', ['same-outcome']],
      ])
    },
    COMPILE_LIMIT_MS,
  )
}
