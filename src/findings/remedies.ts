/** What generally helps against a finding, chosen from what its counterexample shows. */
import type { PathRecord } from '#trace/path.ts'
import type { ExplainedRead, RemedyName } from '#trace/report.ts'
import type { Counterfactual } from './counterfactual.ts'
import type { GuiltyWrite } from './guilty-write.ts'

export interface Shown {
  readonly oracle: string
  readonly path: PathRecord
  readonly guilty: GuiltyWrite | undefined
  /** Reads of the guilty reconcile that were behind. */
  readonly stale: readonly ExplainedRead[]
  readonly counterfactual: Counterfactual | undefined
  readonly controllers: readonly string[]
}

const TEXTS: Readonly<Record<RemedyName, string>> = {
  precondition:
    'Send the uid and the resourceVersion of what was read with the write (preconditions of a delete, metadata.resourceVersion of an update): the API server then refuses what rests on an older state.',
  'uid-label':
    'Label what you make with the uid of its owner, and act only on objects that carry the uid of the owner you have read: a namesake made later has another.',
  'api-reader': 'Read again from the API server (API reader) right before what cannot be undone: a cache may be late.',
  'persist-intent-first':
    'Write down what is about to be done before doing it (status, an annotation, a token on the request), so that the reconcile after a crash can find out and finish.',
  'deterministic-name':
    'Give the object a name that follows from what it is for (owner and index), and take AlreadyExists for success: a second creation then collides instead of adding one.',
  'check-each-object':
    'Check each object by itself in every reconcile: that the first of several is there says nothing about the others.',
  'stop-after-finalizer':
    'Return once the finalizer is removed, and create nothing for an owner that is being deleted or gone.',
  'own-fields':
    'Write only fields that are yours (server-side apply with a field manager, or a patch of these fields alone), each field by one controller only.',
  'write-on-change':
    'Write only when something differs, and keep what changes on every pass (times, counters) out of what you write.',
  watch:
    'Watch what the reconcile depends on (owns, watches with a mapping function), with predicates that let it pass.',
  'error-is-not-absence':
    'Take an error of a call for "not known": it may have been applied, and only NotFound says that something is not there. Make the retry find out.',
  'single-instance':
    'For a moment two instances act: only what the API server itself refuses (names, preconditions) keeps them apart.',
  'mend-crash':
    'Mend the code at that place: what breaks there is tried again for ever, and what ends the process ends every controller in it.',
  'terminal-error':
    'Return an error only where trying again can help: what no retry changes belongs in the status, until the object is changed.',
  'level-based':
    'Decide from what is wanted and what is there now, not from which changes were seen or in which order they came.',
}

/** The most fitting first; at most three, since a list of all is none. */
export function remediesFor(shown: Shown): readonly { readonly id: RemedyName; readonly text: string }[] {
  const names = [...new Set([...byOracle(shown), ...byFault(shown), ...byWrite(shown)])]
  const chosen: readonly RemedyName[] = names.length === 0 ? ['level-based'] : names.slice(0, 3)
  return chosen.map((id) => ({ id, text: TEXTS[id] }))
}

function byOracle({ oracle, path, controllers }: Shown): readonly RemedyName[] {
  switch (oracle) {
    case 'no-create-for-dead-owner':
      return ['stop-after-finalizer']
    case 'no-lost-update':
      return ['own-fields', 'precondition']
    case 'comes-to-rest':
      return controllers.length > 1 ? ['own-fields'] : ['write-on-change']
    case 'rest-is-stable':
      return ['watch']
    case 'no-error-loop':
      return [path.cycleStart === undefined ? 'mend-crash' : 'terminal-error']
    case 'history-independent':
      return ['level-based']
    default:
      return []
  }
}

function byFault({ path, guilty, stale }: Shown): readonly RemedyName[] {
  const faults = new Set(path.steps.flatMap((step) => step.faults.map(({ fault }) => fault)))
  const remedies: RemedyName[] = []
  if (faults.has('handover')) remedies.push('single-instance')
  if (faults.has('apiError')) remedies.push('error-is-not-absence')
  if (faults.has('crash') && stale.length === 0) {
    // What was left undone behind the crash, or done and forgotten by it.
    if (guilty?.run === 'other') remedies.push('check-each-object')
    remedies.push('persist-intent-first')
  }
  return remedies
}

function byWrite({ guilty, stale, counterfactual }: Shown): readonly RemedyName[] {
  if (guilty === undefined || guilty.controller === undefined) return []
  const { op, after, object } = guilty.write
  const isLate = stale.length > 0 && counterfactual?.write !== 'made all the same'
  if (op === 'call') return ['persist-intent-first', 'deterministic-name']
  // What was fresh gets no fresher.
  if (op === 'create' && after?.metadata.generateName !== undefined)
    return ['deterministic-name', ...(isLate ? (['api-reader'] as const) : [])]
  if (!isLate) return []
  const decisive = stale.filter(({ type }) => counterfactual?.decisiveKinds.includes(type.kind) !== false)
  const isOfItself = decisive.some(({ type }) => object.startsWith(`${type.kind} `))
  return [
    ...(decisive.some(isOfNamesake) ? (['uid-label'] as const) : []),
    // A precondition is on the object written: it helps when that is what was seen too late.
    ...(isOfItself && op !== 'create' ? (['precondition'] as const) : []),
    'api-reader',
  ]
}

/** The read answered an object whose name another one has by now. */
function isOfNamesake({ answered, truth = [] }: ExplainedRead): boolean {
  return answered.some(({ name, uid }) => truth.some((now) => now.name === name && now.uid !== uid))
}
