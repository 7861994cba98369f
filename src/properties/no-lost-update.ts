/**
 * no-lost-update: a write without a resourceVersion puts a field back to exactly the value that its reconcile had read,
 * over a value that another controller has written since.
 *
 * What a server-side apply writes is left out: it sets fields that are its own. Changes of the user and of the
 * environment are not another controller's.
 *
 * Why it is a bug: the other write is undone without a conflict, and its writer believes that it is there.
 * What it can miss: what is lost in another way (a new value that was computed from an old one); two controllers of one
 * name. Lists are compared as a whole unless their elements have a `type` or a `name`.
 * How to switch it off: `oracles: { 'no-lost-update': { exclude: ['Kind namespace/name', 'Kind'] } }`, or `false`.
 */
import type { Action } from '#cluster/action.ts'
import { answersBefore, knowledgeOf, operationOfChange } from '#cluster/answers.ts'
import { nameOf } from '#cluster/describe-calls.ts'
import { differingPaths, leavesOf } from '#cluster/field-paths.ts'
import type { CommittedChange, Run } from '#cluster/run.ts'
import type { Slot } from '#cluster/tables.ts'
import type { Flag, TransitionJudge } from '#cluster/transition-judge.ts'
import { versionOf } from '#cluster/versions.ts'
import type { World } from '#cluster/world.ts'
import { isBlind, LOST_UPDATE_ORACLE, type Writers, writersOf } from '#cluster/writers.ts'
import { isExcluded } from './exclusions.ts'
import { violationsOf } from './flagged.ts'
import type { Oracle } from './violation.ts'

export const noLostUpdate: Oracle = {
  name: LOST_UPDATE_ORACLE,
  judge,
  check: async (level) => violationsOf(level, LOST_UPDATE_ORACLE),
}

const NONE: readonly Flag[] = []

function judge(world: World, action: Action): ReturnType<TransitionJudge> {
  const { run } = action
  // Variants with a lag or a crash share the run of the action that they vary.
  if (run === undefined || action.request === undefined || action.lags.length > 0 || action.crashAfter >= 0) return NONE
  const flags: Flag[] = []
  for (const [index, change] of run.changes.entries()) {
    if (change.before === 0 || change.after === 0) continue
    // Nobody has written what somebody has not seen: by far the commonest case.
    const writers = writersOf(world.cluster, world.state, change.slot)
    if (writers.length === 0) continue
    const flag = judgeWrite(world, run, index, writers)
    if (flag !== undefined) flags.push(flag)
  }
  return flags
}

function judgeWrite(world: World, run: Run, index: number, writers: Writers): Flag | undefined {
  const { cluster } = world
  const { versions } = cluster
  const { slot, before, after } = run.changes[index] as CommittedChange
  const operation = operationOfChange(world, run, index)
  if (operation === undefined || !isBlind(operation)) return undefined
  if (isExcluded(cluster.scenario, LOST_UPDATE_ORACLE, nameOf(slot))) return undefined
  const read = knowledgeOf(world, answersBefore(world, run, index), slot)
  if (read === undefined || read.version === 0) return undefined
  const body = (version: number) => versionOf(versions, version).body
  const [was, written, had] = [leavesOf(body(before)), leavesOf(body(after)), leavesOf(body(read.version))]
  const self = run.request.controller.definition.name
  const since = writers.filter(({ revision }) => revision > read.revision)
  const own = new Set(
    run.changes.slice(0, index).flatMap((change) => (change.slot === slot ? pathsOf(world, change) : [])),
  )
  for (const path of differingPaths(body(before), body(after))) {
    if (!isSame(written.get(path), had.get(path)) || own.has(path)) continue
    const author = since.findLast(({ paths }) => paths.some((other) => meets(path, other)))?.author
    if (author === undefined || author === self) continue
    return flagOf(run, slot, operation.call.op, { path, author, back: had.get(path), over: was.get(path) })
  }
  return undefined
}

/** JSON values for which typed clients have one: a field that is absent is read as its zero value. */
const ZERO: ReadonlySet<string | undefined> = new Set([undefined, 'null', 'false', '0', '""', '[]', '{}'])

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a === b || (ZERO.has(a) && ZERO.has(b))
}

function pathsOf({ cluster }: World, { before, after }: CommittedChange): readonly string[] {
  if (before === 0 || after === 0) return []
  return differingPaths(versionOf(cluster.versions, before).body, versionOf(cluster.versions, after).body)
}

/** One is the other, or lies below it. */
function meets(path: string, other: string): boolean {
  return path === other || isBelow(path, other) || isBelow(other, path)
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}.`) || path.startsWith(`${above}[`)
}

interface Lost {
  readonly path: string
  readonly author: string
  /** JSON; undefined: absent. */
  readonly back: string | undefined
  readonly over: string | undefined
}

function flagOf({ request }: Run, slot: Slot, op: string, { path, author, back, over }: Lost): Flag {
  const controller = request.controller.definition.name
  const object = nameOf(slot)
  const { kind } = slot.kind.resource
  // Values of Secrets stay out of messages, which nobody redacts.
  const shown = (value: string | undefined): string => (value === undefined ? 'nothing' : value)
  const values = kind === 'Secret' ? '' : `, from ${shown(over)} to ${shown(back)}`
  return {
    oracle: LOST_UPDATE_ORACLE,
    key: `${LOST_UPDATE_ORACLE} ${controller} ${op} ${kind}`,
    objects: [object],
    controllers: [controller, author],
    message: () =>
      `${request.label} writes ${object} without a resourceVersion and puts ${path} back${values}: it had read it before ${author} wrote it, and what ${author} wrote is lost.`,
  }
}
