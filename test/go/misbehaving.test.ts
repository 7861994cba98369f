/** What a Go program can do wrong: a message each that names program, controller, request and line, and nothing hangs. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { defineScenario, explore, goController } from 'kamera'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

const directory = join(root, 'test/go/programs')
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' } }
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 's' } }

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('Go programs that do wrong are skipped: there is no Go 1.25', () => {})
} else describe('a Go program', { timeout: 120_000 }, tests)

function scenarioOf(mode: string, objects: readonly object[] = [configMap], more: object = {}) {
  return defineScenario({
    name: 'odd',
    controllers: [
      goController({ name: 'odd-operator', directory, environment: { MODE: mode }, stepLimitMs: 1500, ...more }),
    ],
    objects: objects as (typeof configMap)[],
    actions: [],
  })
}

async function findingsOf(mode: string): Promise<readonly string[]> {
  const { findings } = await explore(scenarioOf(mode), { faults: 0 })
  return findings.map(({ oracle, message }) => `${oracle}: ${message}`)
}

const complaint = (mode: string, ...objects: readonly object[]) =>
  explore(scenarioOf(mode, objects.length === 0 ? [configMap] : objects), { faults: 0 }).then(
    () => 'nothing wrong',
    (error: Error) => `${error.name}: ${error.message}`,
  )

const step = 'program odd-operator: controller odd, request default/a: '

function tests(): void {
  beforeAll(() => {
    const { status, stderr } = spawnSync('go', ['build', '-o', '/dev/null', './...'], {
      cwd: directory,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
  }, COMPILE_LIMIT_MS)

  it('draws chance from the explorer: the same in every run, and a finding unless the program may', async () => {
    const findings = await findingsOf('password')
    expect(findings).toEqual([
      'nondeterministic: odd uses random bytes: what it does does not follow from what it read.',
    ])
    const allowed = scenarioOf('password', [configMap], { allowRandom: true })
    const runs = [await explore(allowed, { faults: 1 }), await explore(allowed, { faults: 1 })]
    for (const report of runs) expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, outcomes: [{}] })
    expect(runs[0]?.outcomes[0]?.fingerprint).toBe(runs[1]?.outcomes[0]?.fingerprint)
  })

  it('is found to depend on the order of a map, and explored with the first one where it may use chance', async () => {
    const findings = await findingsOf('order of a large map')
    expect(findings).toEqual([
      expect.stringMatching(
        /^nondeterministic: .* its call 2 was .*"order":"[\d ]+….* the first time, and .*"order":"[\d ]+….* then\. /,
      ),
    ])
    // Each API error runs the update of the same order again.
    const report = await explore(scenarioOf('order of a small map', [configMap], { allowRandom: true }), { faults: 1 })
    expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, outcomes: [{}] })
    expect(report.lints.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^program odd-operator may use chance .* what other choices lead to is not explored\.$/),
    )
  })

  it.each([
    ['panic', 'breaks: panic: runtime error: invalid memory address or nil pointer dereference'],
    ['panic in a goroutine', 'the process ended with status 2, and with it every controller in it: panic: nobody'],
    ['exit', 'the process ended with status 7, and with it every controller in it (os.Exit, log.Fatal or a signal)'],
    ['error', 'odd default/a fails for ever, and nothing else happens: not today'],
    ['unindexed', 'Index with name field:data.x does not exist'],
  ])('is violated by: %s', async (mode, message) => {
    const findings = await findingsOf(mode)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toContain(`no-error-loop: `)
    expect(findings[0]).toContain(message)
  })

  it.each([
    ['deadlock', `${step}the reconcile waits for something that never comes at main.go:`],
    ['deadlock', ' It happens in step 1.'],
    ['lock', `${step}the code ran for more than 1.5s without a call at main.go:`],
    ['loop', `${step}the code ran for more than 1.5s without a call at main.go:`],
    ['late call', `${step}a goroutine that the reconcile started was still there after its end and called delete`],
    ['print before main', 'wrote a line to its standard output that is no message: "starting up"'],
    ['no kamera', 'program odd-operator (go run .) ended with status 0 before it sent hello.'],
    ['setup fails', 'program odd-operator: its start: the setup function failed: no such luck.'],
    ['setup panics', 'program odd-operator: its start: the setup function panicked: no such luck at main.go:'],
    ['no controllers', 'program odd-operator has no controllers.'],
    ['kind that nobody serves', 'controller odd watches Stranger of example.com/v1, which nobody serves.'],
  ])('is refused for: %s', async (mode, message) => {
    const error = await complaint(mode)
    expect(error).toContain('ScenarioError: ')
    expect(error).toContain(message)
  })

  it.each([
    ['panic in a mapping', 'ADDED event of Secret default/s: panic: no map at main.go:'],
    [
      'loop in a mapping',
      'ADDED event of Secret default/s: the code ran for more than 1.5s without a call at main.go:',
    ],
  ])('is refused for: %s', async (mode, message) => {
    expect(await complaint(mode, configMap, secret)).toContain(message)
  })

  it.each(['print', 'terminal error', 'sleep', 'patch', 'memory in a field', 'mapping reads'])(
    'is explored with: %s',
    async (mode) => {
      const report = await explore(scenarioOf(mode, [configMap, secret]), { faults: 1 })
      expect(report).toMatchObject({ verdict: 'holds', exhaustive: true })
      expect(report.outcomes).toHaveLength(1)
    },
  )

  it('may wake itself by a channel, and is told of what else comes from none of its watches', async () => {
    const itself = await explore(scenarioOf('wakes itself'), { faults: 1 })
    expect(itself).toMatchObject({ verdict: 'holds', exhaustive: true })
    for (const { objects } of itself.outcomes) expect(objects).toContain('Secret default/second')
    const told = async (mode: string) =>
      (await explore(scenarioOf(mode, [configMap, secret]), { faults: 0 })).lints.map(({ message }) => message).join()
    expect(await told('wakes another')).toContain('controller odd got a request that comes from no watch event')
    expect(await told('delay of a handler')).toContain(
      'enqueues after a delay (AddAfter, 1m0s), which is not simulated',
    )
  })

  it('has what it logged in the steps of findings', async () => {
    const { findings } = await explore(scenarioOf('error'), { faults: 0 })
    const logged = findings.flatMap(({ path }) => path.steps.map(({ log }) => log))
    expect(logged.length).toBeGreaterThan(0)
    for (const log of logged) {
      const [first = '', second = ''] = log?.split('\n') ?? []
      expect(first).toMatch(/^info trying .* namespace=default name=a colour=red$/)
      expect(second).toMatch(/^error Reconciler error .* error=not today$/)
    }
  })

  it('is found to keep memory, in a variable, and in a field of an instance that is kept', async () => {
    expect(await findingsOf('memory in a variable')).toEqual([expect.stringContaining('nondeterministic: ')])
    const kept = scenarioOf('memory in a field', [configMap], { instances: 'kept' })
    const { findings } = await explore(kept, { faults: 0 })
    expect(findings.map(({ oracle }) => oracle)).toEqual(['nondeterministic'])
  })

  it('is told to keep memory in a field, which fresh instances forget', async () => {
    const notes = async (mode: string) => {
      const { lints } = await explore(scenarioOf(mode), { faults: 0 })
      return lints.map(({ message }) => message).filter((message) => message.includes('keeps memory'))
    }
    expect(await notes('memory in a field')).toEqual([
      expect.stringContaining('controller odd of program odd-operator keeps memory between reconciles: in an instance'),
    ])
    for (const mode of ['order of a large map', 'sleep', 'patch', 'clock']) expect(await notes(mode)).toEqual([])
  })

  it('is told of goroutines that outlive a reconcile', async () => {
    const notes = async (mode: string) => {
      const { lints } = await explore(scenarioOf(mode), { faults: 1 })
      return lints.map(({ message }) => message).filter((message) => message.includes('goroutine'))
    }
    expect(await notes('goroutine that stays')).toEqual([
      expect.stringMatching(/^controller odd leaves a goroutine behind \(at main\.go:\d+\)/),
    ])
    for (const mode of ['goroutine that ends', 'patch', 'wakes itself']) expect(await notes(mode)).toEqual([])
  })

  it('is found to read the clock, unless it is declared to', async () => {
    const notes = async (mode: string, more: object = {}) => {
      const { lints } = await explore(scenarioOf(mode, [configMap], more), { faults: 0 })
      return lints.map(({ message }) => message).filter((message) => message.includes('clock'))
    }
    expect(await notes('clock')).toEqual([
      expect.stringContaining(
        'controller odd of program odd-operator reads the clock: at a later time it calls update ConfigMap default/a with ',
      ),
    ])
    expect(await notes('clock', { readsClock: true })).toEqual([])
    for (const mode of ['sleep', 'patch', 'memory in a variable']) expect(await notes(mode)).toEqual([])
  })

  it('may run on the real clock, which is told', async () => {
    const environment = { MODE: 'patch', KAMERA_CLOCK: 'real' }
    const { lints, verdict } = await explore(scenarioOf('patch', [configMap], { environment }), { faults: 0 })
    expect(verdict).toBe('holds')
    expect(lints.map(({ message }) => message).join()).toContain('program odd-operator runs on the real clock')
  })

  it('that does not compile is told with what the compiler says', async () => {
    const scenario = defineScenario({
      ...scenarioOf('none'),
      controllers: [goController({ name: 'broken', directory, command: ['go', 'run', './nowhere'] })],
    })
    await expect(explore(scenario)).rejects.toThrow(/program broken does not compile in .*programs:\n.*nowhere/)
  })
}
