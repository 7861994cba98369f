/**
 * The seven steps of the README's getting-started text, as a program.
 * Run it in the root of the project: npm run build, then npx tsx examples/readme/getting-started.ts
 */
// 1. Install Kamera (npm install kamera), and import it.
import { ExplorerBuilder, Scheme } from 'kamera'
import { BarReconciler } from './bar-reconciler.ts'
import { bar, FooReconciler, foo } from './foo-reconciler.ts'

// 2. Initialize a scheme with your APIs. Kubernetes' own kinds are known; yours are named, or added as a CRD.
const scheme = new Scheme().add(foo).add(bar)

// 3. Create an ExplorerBuilder. It keeps what happens in memory, unless you want to stream it elsewhere.
const builder = new ExplorerBuilder(scheme)
builder.withMaxDepth(100) // optional

// 4. Register each reconciler: a function from a client to the reconciler.
builder.withReconciler('FooController', (client) => new FooReconciler(client))
builder.withReconciler('BarController', (client) => new BarReconciler(client))

// 5. Describe dependencies and ownership: whose objects a reconciler looks after, and what else it watches.
const fooKind = 'mygroup.example.com/Foo'
const barKind = 'mygroup.example.com/Bar'
builder.assignReconcilerToKind('FooController', fooKind) // FooController owns Foo resources
builder.assignReconcilerToKind('BarController', barKind) // BarController owns Bar resources
builder.withResourceDep(fooKind, 'FooController', 'BarController') // both watch Foo objects
builder.withResourceDep(barKind, 'FooController') // FooController learns when its Bar is ready

// 6. Seed the initial state with your top-level object and the reconciles that are pending for it.
const fooObject = { ...foo, metadata: { namespace: 'default', name: 'example' }, spec: { size: 3 } }
const initial = builder.newStateEventBuilder().addTopLevelObject(fooObject, 'FooController', 'BarController')

// 7. Build and run the explorer.
const explorer = builder.build()
const result = await explorer.explore(initial)
for (const converged of result.convergedStates) {
  console.log(`paths to converged state: ${converged.pathCount}`)
  for (const { kind, metadata, status } of converged.objects) {
    console.log(`  ${kind} ${metadata.namespace}/${metadata.name}: ${JSON.stringify(status)}`)
  }
}
for (const finding of result.findings) console.log(`${finding.oracle}: ${finding.message}`)
