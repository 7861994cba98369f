import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goMain, goMod, goScenario } from './go-files.ts'
import { readGoOperator } from './go-operator.ts'
import { initGoVerb } from './init-go.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const MAIN = `package main

import (
	"flag"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"

	webappv1 "example.com/guestbook/api/v1"
	"example.com/guestbook/internal/controller"
	webhookv1 "example.com/guestbook/internal/webhook/v1"
	// +kubebuilder:scaffold:imports
)

var scheme = runtime.NewScheme()

func init() {
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(webappv1.AddToScheme(scheme))
}

func main() {
	mgr, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{Scheme: scheme})
	if err != nil {
		os.Exit(1)
	}
	if err := (&controller.GuestbookReconciler{
		Client: mgr.GetClient(),
		Scheme: mgr.GetScheme(),
		Images: map[string]string{"web (main": image},
	}).SetupWithManager(mgr); err != nil {
		setupLog.Error(err, "Failed to create controller", "controller", "Guestbook")
		os.Exit(1)
	}
	janitor := controller.NewJanitor(
		mgr.GetClient(),
	)
	if err = janitor.SetupWithManager(mgr); err != nil {
		os.Exit(1)
	}
	if os.Getenv("ENABLE_WEBHOOKS") != "false" {
		if err := webhookv1.SetupGuestbookWebhookWithManager(mgr); err != nil {
			os.Exit(1)
		}
	}
	// +kubebuilder:scaffold:builder
	mgr.Start(ctrl.SetupSignalHandler())
}
`
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: guestbooks.webapp.example.com }
spec: { group: webapp.example.com }
`
const FILES: Readonly<Record<string, string>> = {
  'go.mod': `module example.com/guestbook

go 1.24.5

require (
	k8s.io/client-go v0.34.1
	sigs.k8s.io/controller-runtime v0.20.1
)

replace example.com/shared => ../shared // beside it
`,
  'cmd/main.go': MAIN,
  'config/crd/bases/webapp.example.com_guestbooks.yaml': CRD,
  'config/samples/kustomization.yaml': 'resources: []\n',
  'config/samples/webapp_v1_guestbook.yaml':
    'apiVersion: webapp.example.com/v1\nkind: Guestbook\nmetadata: { name: guestbook-sample }\nspec: {}\n',
  'config/samples/values.yaml': 'apiVersion: other.example.com/v1\nkind: Values\nmetadata: { name: values }\n',
  'config/webhook/manifests.yaml': '---\n',
}

let folder = ''
let out = ''
const terminal = (): Terminal => ({
  out: (text) => {
    out += text
  },
  error: () => {},
  colour: false,
  interactive: false,
  columns: undefined,
  errorColumns: undefined,
  workingDirectory: folder,
  wallClock: () => 0,
  onInterrupt: () => () => {},
  exit: () => {
    throw new Error('exit')
  },
})

beforeEach(() => {
  out = ''
  folder = mkdtempSync(join(tmpdir(), 'kamera-init-'))
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

const init = (more: { readonly force?: boolean; readonly dryRun?: boolean } = {}) =>
  initGoVerb({ directory: '.', force: false, dryRun: false, ...more }, terminal())

describe('kamera init go', () => {
  it('reads what a kubebuilder layout says', () => {
    const operator = readGoOperator(folder)
    expect(operator).toMatchObject({
      module: 'example.com/guestbook',
      controllerRuntime: 'v0.20.1',
      replaces: ['example.com/shared => ../shared'],
      main: 'cmd/main.go',
      schemes: ['clientgoscheme', 'webappv1'],
      crds: ['config/crd/bases/webapp.example.com_guestbooks.yaml'],
      samples: ['config/samples/webapp_v1_guestbook.yaml'],
    })
    expect(operator?.setups.map(({ before, unknown }) => ({ before, unknown }))).toEqual([
      { before: [], unknown: ['image'] },
      { before: ['janitor := controller.NewJanitor(\n\t\tmgr.GetClient(),\n\t)'], unknown: [] },
      { before: [], unknown: [] },
    ])
  })

  it('writes a main with the set-up of the operator, a module that may import what is internal, and a scenario', () => {
    const operator = readGoOperator(folder)
    if (operator === undefined) throw new Error('no operator')
    expect(
      goMain(operator),
    ).toBe(`// The controllers of this operator, hosted by Kamera, which starts this program: kamera explore scenario.ts
package main

import (
	webappv1 "example.com/guestbook/api/v1"
	"example.com/guestbook/internal/controller"
	webhookv1 "example.com/guestbook/internal/webhook/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"

	"kamera.dev/kamera"
)

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(webappv1.AddToScheme(scheme))

	kamera.Main(setup, kamera.WithScheme(scheme))
}

// setup is what the operator's own main does with its manager. It is called anew for every fresh instance.
func setup(mgr ctrl.Manager) error {
	// From your main: image.
	if err := (&controller.GuestbookReconciler{
		Client: mgr.GetClient(),
		Scheme: mgr.GetScheme(),
		Images: map[string]string{"web (main": image},
	}).SetupWithManager(mgr); err != nil {
		return err
	}
	janitor := controller.NewJanitor(
		mgr.GetClient(),
	)
	if err := janitor.SetupWithManager(mgr); err != nil {
		return err
	}
	if err := webhookv1.SetupGuestbookWebhookWithManager(mgr); err != nil {
		return err
	}
	return nil
}
`)
    expect(goMod(operator, '../../kamera/go')).toBe(`module example.com/guestbook/kamera

go 1.25.0

require (
	example.com/guestbook v0.0.0
	kamera.dev/kamera v0.0.0
)

replace (
	example.com/guestbook => ../
	kamera.dev/kamera => ../../kamera/go
	example.com/shared => ../../shared
)
`)
    expect(goScenario(operator)).toContain(`  crds: ['../config/crd/bases/webapp.example.com_guestbooks.yaml'],
  objects: ['../config/webhook/manifests.yaml'],
  controllers: [goController({ name: 'guestbook' }), ...builtin.workloads()],
  actions: [apply('../config/samples/webapp_v1_guestbook.yaml')],
`)
  })

  it('overwrites nothing without --force, and writes nothing with --dry-run', () => {
    expect(init({ dryRun: true })).toBe(0)
    expect(existsSync(join(folder, 'kamera'))).toBe(false)
    expect(out).toContain('--- kamera/go.mod\nmodule example.com/guestbook/kamera\n')

    expect(init()).toBe(0)
    expect(out).toContain('! kamera/main.go uses image, which your main defines')
    expect(out).toContain('explored with 0.21 or newer')
    const file = join(folder, 'kamera/main.go')
    writeFileSync(file, 'mine')
    expect(() => init()).toThrow(UsageError)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    init({ force: true })
    expect(readFileSync(file, 'utf8')).toContain('package main')
  })

  it('needs a go.mod', () => {
    rmSync(join(folder, 'go.mod'))
    expect(() => init()).toThrow('There is no go.mod in')
  })
})
