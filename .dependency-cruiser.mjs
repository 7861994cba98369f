/**
 * The borders between the folders of `src/`, as ARCHITECTURE.md has them in its table. `npm run check` enforces them.
 * A folder imports itself and the folders listed for it, nothing else of `src/`. Tests may cross borders.
 */

/**
 * Folder → what it may import, and why no more. Of `types` only types may be imported, and what else lies in the files
 * that `values` matches. `verbs` are the files beside the folders.
 */
const borders = {
  api: {
    may: [],
    because: 'api is plain Kubernetes data and pure functions over it: it must be usable without the rest of Kamera.',
  },
  checker: {
    may: [],
    because: 'checker is alone: a Kubernetes word in it means that a notion is missing in its Model.',
  },
  apiserver: {
    may: ['api'],
    because: 'The API server is one pure function: what it cannot see cannot change its answers.',
  },
  controller: {
    may: ['api'],
    because: 'A controller knows the API and its own queue. It must not know whether its API server is simulated.',
  },
  trace: {
    may: ['api'],
    because: 'A trace is data from a simulation or a live cluster alike: nothing that ran may be needed to read one.',
  },
  cluster: {
    may: ['api', 'apiserver', 'controller'],
    types: ['checker', 'trace'],
    values: '^src/checker/(model|budget|search|growable|visited-set|walks/[a-z-]+)\\.ts$',
    because: "cluster implements the checker's Model; level.ts alone runs the search on it. See docs/decisions/0007.",
  },
  properties: {
    may: ['api', 'checker', 'cluster'],
    types: ['trace'],
    because:
      'An oracle judges a searched level; some have to ask the cluster what a step would do (a restart at rest). See docs/decisions/0007.',
  },
  findings: {
    may: ['api', 'checker', 'cluster', 'properties'],
    types: ['trace'],
    because: 'What is made of violations knows how a path is searched and followed, but no verb and no view.',
  },
  sieve: {
    may: ['cluster'],
    types: ['checker'],
    because: 'A foreign plan becomes a choice among the actions of a cluster: it needs no other way into the search.',
  },
  exploration: {
    may: [
      'api',
      'apiserver',
      'builtin-controllers',
      'checker',
      'client-node',
      'cluster',
      'controller',
      'findings',
      'hosts',
      'properties',
      'trace',
    ],
    because: 'The parts of explore, simulate and replay wire up what runs and judges; no view and no command line.',
  },
  explorer: {
    may: ['api', 'checker', 'cluster', 'controller', 'exploration', 'properties', 'trace'],
    verbs: true,
    because: 'The search for programs is the verb explore in another form: it has no search of its own.',
  },
  replays: {
    may: ['api', 'apiserver', 'controller'],
    types: ['trace'],
    because:
      'What was recorded is answered again to a host or decided again by the API server: no simulated cluster is needed.',
  },
  hosts: {
    may: ['api', 'controller'],
    because:
      'A host runs controller code and knows no cluster: the same host serves a search, a replay and a recording.',
  },
  'builtin-controllers': {
    may: ['api', 'controller'],
    because: 'Built-in controllers are ordinary users of controller: no privilege that a user’s controller lacks.',
  },
  serve: {
    may: ['api', 'apiserver', 'controller'],
    because: 'A live server is the API server with a clock, a socket and a file: it searches nothing.',
  },
  record: {
    may: ['api', 'trace', 'interchange'],
    because:
      'A recorder meets API servers and controllers of any origin: it may know no more than what goes over the wire.',
  },
  'client-node': {
    may: ['api', 'apiserver', 'controller'],
    because:
      'A client in this process is answered by a live server or by a run: it knows the protocol, and neither of the two.',
  },
  dump: {
    may: ['api', 'trace'],
    because: 'A dump is opened where nothing of Kamera runs: no engine is needed to write or to read one.',
  },
  inspect: {
    may: ['api', 'trace'],
    because: 'A view reads data and runs nothing: a view that calls the search cannot show a recording.',
  },
  analyses: {
    may: ['api', 'trace', 'inspect'],
    because: 'What a trace tells is a function of its lines: nothing that ran may be needed to say it.',
  },
  interchange: {
    may: ['api', 'trace', 'analyses'],
    because: 'The format of another tool is a function of the events of a trace: whoever has those can write it.',
  },
  'terminal-inspector': {
    may: ['dump', 'inspect', 'analyses', 'trace'],
    because: 'The inspector shows what is in a dump, wherever it came from: nothing can be run from it.',
  },
  'web-inspector': {
    may: ['dump', 'inspect', 'analyses', 'trace'],
    because: 'The page opens a dump where there is nothing but a browser.',
  },
  cli: {
    may: ['inspect', 'analyses', 'interchange', 'dump', 'terminal-inspector', 'hosts'],
    types: [
      'api',
      'apiserver',
      'controller',
      'cluster',
      'checker',
      'properties',
      'findings',
      'trace',
      'builtin-controllers',
      'exploration',
      'replays',
    ],
    values: '^src/(trace/redact|exploration/options|replays/recorded-(state|lag))\\.ts$',
    verbs: true,
    because:
      'The command line parses arguments and sets exit codes: whatever else it needs is a verb, usable from code.',
  },
}

/** What supports tests may do what tests may, and is not published either. */
const testFile = '\\.(test|conformance)\\.ts$|/test-support\\.ts$'
const core = 'analyses|api|apiserver|controller|cluster|checker|properties|findings|trace|builtin-controllers'
/** `trace` has one part with I/O: its store. */
const traceStore = '^src/trace/store(\\.ts$|/)'

const folderNames = Object.keys(borders)
const inFolders = (folders) => `^src/(${folders.join('|')})/`
const verbFile = '^src/[^/]+\\.ts$'
/** `kamera/vitest`, and `simulatedCluster` for tests of any runner. */
const testFrontDoor = '^src/(vitest|simulated-cluster)\\.ts$'

/** Two rules a folder: what it may not import at all, and what it may import as types alone. */
function rulesOf([folder, { may, types = [], values = '^$', verbs = false, because }]) {
  const from = { path: `^src/${folder}/`, pathNot: testFile }
  const known = [inFolders([folder, ...may, ...types]), ...(verbs ? [verbFile] : [])]
  const rules = [
    { name: `border-of-${folder}`, comment: because, severity: 'error', from, to: { path: '^src/', pathNot: known } },
  ]
  if (types.length === 0) return rules
  const typesOnly = { path: inFolders(types), pathNot: values, dependencyTypesNot: ['type-only'] }
  return [
    ...rules,
    { name: `border-of-${folder}-types-only`, comment: because, severity: 'error', from, to: typesOnly },
  ]
}

export default {
  forbidden: [
    ...Object.entries(borders).flatMap(rulesOf),
    {
      name: 'front-door-is-for-users',
      comment: 'src/index.ts lists what users may have. Inside, import the file that has it, so that borders show.',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'verbs-know-no-command-line',
      comment: 'Every verb works from code, without arguments to parse or an exit code to set.',
      severity: 'error',
      from: { path: verbFile, pathNot: [testFile, testFrontDoor] },
      to: { path: '^src/cli/' },
    },
    {
      name: 'verbs-show-nothing',
      comment:
        'A verb returns data, and views show it. kamera/vitest is a front door, as the command line is: it reads manifest files and shows a report.',
      severity: 'error',
      from: { path: verbFile, pathNot: [testFile, testFrontDoor] },
      to: { path: '^src/inspect/' },
    },
    {
      name: 'front-door-of-tests-reads-manifests-only',
      comment: 'Of the command line, what tests use needs no more than what puts objects in the place of file names.',
      severity: 'error',
      from: { path: testFrontDoor },
      to: { path: '^src/cli/', pathNot: '^src/cli/resolve-manifests\\.ts$' },
    },
    {
      name: 'every-folder-is-on-the-table',
      comment: 'A new folder of src/ needs its line in the table above and in ARCHITECTURE.md first.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: inFolders(folderNames) },
      to: {},
    },
    {
      name: 'core-does-no-io',
      comment: 'The core is plain functions over plain data: clock, chance and I/O live in hosts, the verbs and cli.',
      severity: 'error',
      from: { path: `^src/(${core})/`, pathNot: [testFile, traceStore] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one subject or miss a third. A cycle of types alone is allowed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'source-stands-alone',
      comment: 'What is published is src/ alone: tests, examples and scripts use it, never the other way round.',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { path: '^(test|examples|bench|scripts)/' },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'A test that other files need has something in it that is not a test.',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'everything-resolves',
      comment:
        'An import that leads nowhere fails at run time. Benchmarks import the build, which may not be there yet.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(\\.\\./)*dist/' },
    },
    {
      name: 'dependencies-are-declared',
      comment:
        'A published file may use only what package.json lists as a dependency: devDependencies are not installed.',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|go)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['kamera-source', 'types', 'node', 'import', 'default'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
}
