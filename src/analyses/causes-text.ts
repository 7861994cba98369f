/** Why something happened, and what it caused, as trees for people. */
import { formatNumber } from '#inspect/plain-text.ts'
import type { GraphWrite } from './causal-graph.ts'
import type { CausedReconcile, Provenance } from './provenance.ts'
import type { ExplainedCause, ExplainedReconcile, Why } from './why.ts'

export function whyText({ reconcile, reconciles, external }: Why): readonly string[] {
  const byId = new Map(reconciles.map((each) => [each.id, each]))
  return [
    ...reconcileTree(byId, reconcile, '', new Set()),
    '',
    external.length === 0 ? 'Nothing that came from outside is in the trace before it.' : 'It began with',
    ...external.map((write) => `  ${writeText(write)}`),
  ]
}

function reconcileTree(
  byId: ReadonlyMap<string, ExplainedReconcile>,
  id: string,
  indent: string,
  shown: Set<string>,
): readonly string[] {
  const reconcile = byId.get(id)
  if (reconcile === undefined) return [`${indent}${id}`]
  const title = `${indent}${id} (${place(reconcile)})${reconcile.inferred ? ', inferred' : ''}`
  if (shown.has(id)) return [`${title}: see above`]
  shown.add(id)
  const causes = reconcile.causes.length === 0 ? [`${indent}  for no cause that the trace tells`] : []
  return [title, ...causes, ...reconcile.causes.flatMap((cause) => causeTree(byId, cause, `${indent}  `, shown))]
}

function causeTree(
  byId: ReadonlyMap<string, ExplainedReconcile>,
  cause: ExplainedCause,
  indent: string,
  shown: Set<string>,
): readonly string[] {
  const { type, object, event, step, writes, after } = cause
  if (type === 'retry' || type === 'timer') {
    const what = type === 'retry' ? 'it was to be tried again, after' : 'its timer was due, set by'
    return after === undefined
      ? [`${indent}${what} a reconcile before the trace`]
      : [`${indent}${what}`, ...reconcileTree(byId, after, `${indent}  `, shown)]
  }
  const isStart = type === 'start'
  const listed = object === undefined ? '' : `, and listed ${object}`
  const title = indent + (isStart ? `its process started${listed}` : `${object ?? 'an object'} ${event ?? 'changed'}`)
  if (writes.length === 0) {
    if (isStart) return [title]
    return [`${title}: ${step === -1 ? 'there before the trace' : 'written by nobody in the trace'}`]
  }
  return writes.flatMap((write) => [
    `${title} ← ${writeText(write)}`,
    ...(byId.has(write.by) ? reconcileTree(byId, write.by, `${indent}  `, shown) : []),
  ])
}

export function provenanceText({ object, changes, external }: Provenance): readonly string[] {
  return [
    object,
    ...changes.map(({ write, external: lines }) => {
      const from =
        lines.length === 0 ? 'nothing from outside that is in the trace' : `line ${lines.map(formatNumber).join(', ')}`
      return `  ${writeText(write)} ← ${from}`
    }),
    ...external.flatMap(({ write, caused }) => [
      '',
      `${writeText(write)} caused${caused.length === 0 ? ' nothing' : ''}`,
      ...causedTree(caused, undefined, object),
    ]),
  ]
}

/** What one reconcile woke first, and what that woke. */
function causedTree(caused: readonly CausedReconcile[], after: string | undefined, object: string): readonly string[] {
  return caused
    .filter((each) => each.after === after)
    .flatMap(({ reconcile, line, wokenBy, writes }) => [
      `  ${reconcile} (line ${formatNumber(line)}), woken by ${wokenBy === undefined ? 'its retry or timer' : version(wokenBy)}`,
      ...writes.map(
        (write) => `    ${write.object === object ? '* ' : ''}${changeText(write)} (line ${formatNumber(write.line)})`,
      ),
      ...causedTree(caused, reconcile, object).map((each) => `  ${each}`),
    ])
}

function version({ object, resourceVersion }: GraphWrite): string {
  return resourceVersion === '' ? object : `${object} → ${resourceVersion}`
}

/** `Pod default/a → 1000003: create by rs default/a #1 (step 3, line 17)`. */
function writeText(write: GraphWrite): string {
  const by = write.verb === 'seen' ? ', written by nobody in the trace' : ` by ${write.by}`
  return `${changeText(write)}${by} (${place(write)})`
}

function changeText({ object, resourceVersion, removed, verb, subresource }: GraphWrite): string {
  const of = subresource === undefined ? '' : `/${subresource}`
  const version = resourceVersion === '' ? '' : ` → ${resourceVersion}`
  return `${object}${version}: ${verb}${of}${removed ? ', removed' : ''}`
}

function place({ step, line }: { readonly step: number; readonly line: number }): string {
  return `step ${formatNumber(step)}, line ${formatNumber(line)}`
}
