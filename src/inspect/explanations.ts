/**
 * What each oracle and each consistency profile means, for `kamera explain` and for reports. The names in these
 * tables are the names that reports use; nothing else in this folder knows them.
 */

export interface OracleExplanation {
  readonly type: 'oracle'
  readonly name: string
  /** One line for lists. */
  readonly summary: string
  readonly flags: string
  readonly whyABug: string
  readonly canMiss: string
  readonly switchOff: string
}

export interface ProfileExplanation {
  readonly type: 'profile'
  readonly name: string
  readonly summary: string
  /** What the controllers' reads may see. */
  readonly views: string
  readonly standsFor: string
  readonly whatAFindingMeans: string
  readonly choose: string
}

export type Explanation = OracleExplanation | ProfileExplanation

function switchOffFor(name: string): string {
  return `In the scenario: oracles: { '${name}': false }, or for an object or a kind: { '${name}': { exclude: ['Kind namespace/name', 'Kind'] } }.`
}

function switchOff(name: string): string {
  return `In the scenario: oracles: { '${name}': false }.`
}

const ORACLES: readonly Omit<OracleExplanation, 'type'>[] = [
  {
    name: 'same-outcome',
    summary: 'two runs of the same inputs rest in different states',
    flags:
      'Two runs with the same user actions and environment events, in the same order, came to rest in different states of the cluster. Only the order of reconciles, the delay of watch events and faults differed. The report shows where the two runs part and which fields differ at rest.',
    whyABug:
      'A level-triggered controller must reach the state that the specs ask for, whatever the order in which it hears of changes. When the result depends on timing, a production cluster holds whichever result the timing of that day gave, and nothing repairs it.',
    canMiss:
      'All runs resting in the same wrong state (say with a property what is right). Differences in what outcomes leave out: Events, Leases, generated names, times, the order of conditions, and what ignoreInOutcomes names. Orders beyond the bounds that the report prints.',
    switchOff: `${switchOff('same-outcome')} When two results are both right, leave out the field that differs: ignoreInOutcomes: [{ apiVersion, kind, path, reason }].`,
  },
  {
    name: 'comes-to-rest',
    summary: 'controllers that write for ever, or a user action that waits for ever',
    flags:
      'A cycle of steps that keeps writing although nothing new happens, every pending request is served, and no timer of a second or more is in it: two controllers fight over a field, or one triggers itself (a hot loop). Or: the cluster is quiet while a user action still waits, such as the deletion of an object with a finalizer that nobody takes away.',
    whyABug:
      'A hot loop loads the API server and etcd, never reports ready, and hides real changes. A deletion that never ends blocks namespaces and uninstalls until somebody edits finalizers by hand.',
    canMiss:
      'Loops through a timer of a second or more, which are the lint "periodic". Growth without a cycle (a counter that rises for ever never repeats a state): then the search does not end, and the report says inconclusive.',
    switchOff: switchOff('comes-to-rest'),
  },
  {
    name: 'rest-is-stable',
    summary: 'a restart at rest would make the controllers write',
    flags:
      'The cluster is at rest, but if a process restarted now and listed its objects anew, one of its reconciles would write something.',
    whyABug:
      'The work was there to do and nobody was told: a watch is missing, a predicate filters an event out that matters, or an event was consumed while the cache was behind. Users see an object that is stuck until the operator is restarted.',
    canMiss: 'Work that a restart does not trigger either, because no list leads to the request.',
    switchOff: switchOff('rest-is-stable'),
  },
  {
    name: 'no-error-loop',
    summary: 'the same request fails again and again, or the code crashes',
    flags:
      'A request fails, is retried, and fails again for ever while nothing else writes. Or the controller crashes: a TypeError, ReferenceError or RangeError, an unhandled rejection, a panic.',
    whyABug:
      'Retrying cannot help when nothing changes: the error was not temporary. A crash takes every other controller of the process with it.',
    canMiss: 'Errors that the code catches and swallows. Crashes on inputs that the scenario does not have.',
    switchOff: switchOff('no-error-loop'),
  },
  {
    name: 'no-delete-on-stale-evidence',
    summary: 'an object is deleted because of a read that was out of date',
    flags:
      'A reconcile deleted a live object of a kind that holds state, although the same reconcile would not have done so, had each of its reads been answered with the truth of that moment. Evidence from an earlier object of the same name (another uid) counts for every kind.',
    whyABug:
      'Deletion cannot be taken back: for a PersistentVolumeClaim or a custom resource it loses data. The cache of an informer may be behind for any length of time.',
    canMiss:
      'Disposable kinds (Pod, ReplicaSet, EndpointSlice, Endpoints, ControllerRevision, Event, Lease) unless the evidence is of an earlier object. Data that are destroyed otherwise: by an update, or in an external system.',
    switchOff: `${switchOffFor('no-delete-on-stale-evidence')} Better: read the object from the API server before the deletion, or delete with preconditions (uid and resourceVersion).`,
  },
  {
    name: 'no-create-for-dead-owner',
    summary: 'an object is created for an owner that was known to be going',
    flags:
      'A reconcile created an object after it had read the owner as terminating or gone, or had itself removed the last finalizer of the owner. Or such an object is left when the cluster is at rest.',
    whyABug:
      'The new object is garbage at birth: it comes back while the user deletes, holds up the deletion, or stays for ever with an owner that is gone.',
    canMiss:
      'Creation for an owner of which the reconcile read nothing at all, where the collector removes what it made. Without owner references the owner is the object that the request names. What is created because its owner is being deleted (a clean-up Job) looks like a bug: exclude it.',
    switchOff: switchOffFor('no-create-for-dead-owner'),
  },
  {
    name: 'no-leak',
    summary: 'something is left of a root object that is gone',
    flags:
      'At rest there is an object or a finalizer that a reconcile made for an object that no longer exists (the one that its request names); or an external resource whose id no object holds; or an owner reference to nothing after garbage collection.',
    whyABug:
      'It costs money or quota, it may come back to life when the name is used again, and nobody is left to remove it.',
    canMiss:
      'Resources outside the cluster that the scenario does not model. What was made for an earlier object of a name that is in use again. Things kept on purpose look like leaks; the claims of a StatefulSet are known to be kept, and what a restart would make again is wanted by somebody.',
    switchOff: `${switchOffFor('no-leak')} An external system is excluded as 'External name'.`,
  },
  {
    name: 'no-lost-update',
    summary: "a write puts an old value back over another controller's write",
    flags:
      'A write without a resourceVersion precondition put back exactly the value that its reconcile had read, over a value that another controller had written in between.',
    whyABug:
      "The other controller's write is undone without a conflict. It may never be made again, because its writer believes that it is there.",
    canMiss:
      'Values that are lost in another way (a new value computed from an old one). Server-side apply is not looked at. Lists are compared as a whole, unless their elements have a type or a name.',
    switchOff: `${switchOffFor('no-lost-update')} Better: update with the resourceVersion that was read, or patch only the fields that are meant.`,
  },
  {
    name: 'no-churn',
    summary: 'a controller creates an object and deletes it again for no reason',
    flags:
      'A controller created an object only because its cache did not show its own writes yet (the same reconcile, executed with these shown to it, does not create it), and itself deleted it. In between the user and the environment did nothing, no time passed, and nobody else wrote the object or the one that the request names.',
    whyABug:
      'One of the two decisions was made on an out-of-date cache: Pods are started and killed, addresses change, volumes are attached in vain. It usually means that the controller does not account for its own writes that its cache does not show yet.',
    canMiss:
      'Churn between two controllers (see comes-to-rest), or for want of the writes of others. A deletion that was the wrong one of the two. Churn that a change of the environment excuses.',
    switchOff: switchOffFor('no-churn'),
  },
  {
    name: 'history-independent',
    summary: 'the result depends on how the final spec came about (asked for by the scenario)',
    flags:
      'After the whole script the cluster rests in a state that a start from the final specs alone does not reach: the objects of the scenario with all that the user has done to them, before any controller runs, and then every order without faults.',
    whyABug:
      'Disaster recovery, GitOps and new clusters start from the final spec alone, and would get something else than what runs today.',
    canMiss:
      'Runs in which environment events happened, or timers were passed by the fault slow. What outcomes leave out. State that is meant to survive (data, allocated addresses) is flagged too; therefore the oracle is on only where a scenario asks for it.',
    switchOff:
      "It is off unless the scenario has oracles: { 'history-independent': true }; { 'history-independent': { exclude: ['Kind namespace/name', 'Kind'] } } leaves out what is meant to survive.",
  },
  {
    name: 'nondeterministic',
    summary: 'the controller code answers the same input in two ways',
    flags:
      'A reconcile that was run again with the same request and the same answers made another call. Or it used random numbers or uuids without declaring them. The finding names the call, or the line of code.',
    whyABug:
      'It is a bug of the controller when the order of a map or a value in memory leaks into what it writes: it then writes for ever, or does the wrong thing after a restart. In any case no other result of the search can be trusted until it is gone.',
    canMiss: 'Differences that the audited sample did not meet (raise --audit).',
    switchOff: `${switchOff('nondeterministic')} Random numbers that are meant: allowRandom: true in defineController. Memory that is meant: declare it (memory).`,
  },
  {
    name: 'always',
    summary: "the user's property: true in every state",
    flags: 'A state was reached in which the property is false. The path is the shortest that was found.',
    whyABug: 'You said so: it is your property.',
    canMiss: 'States between two writes of one reconcile, at granularity reconcile. States beyond the bounds.',
    switchOff: 'Take the property out of the scenario.',
  },
  {
    name: 'sometimes',
    summary: "the user's property: true in at least one reachable state",
    flags: 'The whole search never met a state in which the property is true.',
    whyABug:
      'The scenario does not show what it was written to show: an action is missing, or the controller never gets there.',
    canMiss: 'Nothing within the bounds, when the search was exhaustive; otherwise the verdict is inconclusive.',
    switchOff: 'Take the property out of the scenario.',
  },
  {
    name: 'eventually',
    summary: "the user's property: true at some moment of every run",
    flags: 'A run came to rest, or went round in a fair cycle for ever, and the property was never true on its way.',
    whyABug: 'What should happen may never happen, although every pending request was served.',
    canMiss: 'Runs beyond the bounds. A property that is true for a moment and then false again counts as reached.',
    switchOff: 'Take the property out of the scenario.',
  },
  {
    name: 'leadsTo',
    summary: "the user's property: whenever one thing is true, another follows",
    flags:
      'A run came to rest, or went round in a fair cycle for ever, after `from` was true and without `to` since then.',
    whyABug: 'What was promised may never come, although every pending request was served.',
    canMiss:
      'Runs beyond the bounds; what is true only between two writes of one reconcile where reconciles are whole.',
    switchOff: 'Take the property out of the scenario.',
  },
]

const CHOOSE_DEFAULT = 'Default for TypeScript controllers. Named: --profile lagging.'

const PROFILES: readonly Omit<ProfileExplanation, 'type'>[] = [
  {
    name: 'linearizable',
    summary: 'every read sees the newest state',
    views: 'Every read, cached or not, answers with the newest state of the API server.',
    standsFor: 'Clients without a cache.',
    whatAFindingMeans:
      'The bug needs no stale cache: the order of reconciles, a crash or an API error is enough. A cache setting does not help.',
    choose: '--profile linearizable',
  },
  {
    name: 'lagging',
    summary: 'each kind lags by itself and never goes back; lists at a start are consistent',
    views:
      'The informer cache of each kind may be behind by any number of events, one kind independently of another, and never goes back while the process lives. The list at a process start is the newest state.',
    standsFor: 'client-go 0.35 and newer (WatchList is on), and the informers of @kubernetes/client-node.',
    whatAFindingMeans: 'Any operator with informers can meet it: a loaded API server or network is enough.',
    choose: CHOOSE_DEFAULT,
  },
  {
    name: 'legacy-restart',
    summary: 'as lagging, but a restarted process may list an old state (time travel)',
    views:
      'As lagging. After a crash the list may come from the watch cache of an API server that is behind, so the process sees a state older than the one it had seen before. The built-in controllers stand for those of current Kubernetes, to which this does not happen.',
    standsFor: 'client-go before 0.35, or WatchList switched off.',
    whatAFindingMeans:
      'It needs an operator on an old client-go and more than one API server; a newer client-go cures it.',
    choose: '--profile legacy-restart',
  },
  {
    name: 'legacy-fifo',
    summary: 'as lagging, and a re-list is applied object by object',
    views:
      'As lagging, but when a watch breaks and the kind is listed again, the objects of the list enter the cache one by one: a reconcile in between sees a mixture of old and new. To the built-in controllers it does not happen.',
    standsFor: 'Informers before AtomicFIFO.',
    whatAFindingMeans: 'It needs a broken watch on an old client-go; a newer one cures it.',
    choose: '--profile legacy-fifo',
  },
  {
    name: 'read-your-writes',
    summary: "as lagging, but a cached read waits for the process's own writes",
    views:
      "As lagging, but a cached read of an object (or list of a kind) waits until the cache has what this process wrote there. Other processes' writes may still be missing.",
    standsFor: "controller-runtime's client with read-your-own-writes.",
    whatAFindingMeans: 'Waiting for own writes does not cure the bug: it comes from the writes of somebody else.',
    choose: '--profile read-your-writes',
  },
  {
    name: 'consistency-store',
    summary: "a reconcile is put off until the cache has the process's own writes for its key",
    views:
      "As lagging, but a reconcile of a key is skipped and queued again until the cache has the process's own writes for that key.",
    standsFor: 'KEP-5647 (stale controller handling) in the built-in controllers.',
    whatAFindingMeans:
      "The mitigation of the built-in controllers does not cure the bug: other keys' or other processes' writes are involved.",
    choose: '--profile consistency-store',
  },
]

export const explanations: readonly Explanation[] = [
  ...ORACLES.map((oracle): Explanation => ({ type: 'oracle', ...oracle })),
  ...PROFILES.map((profile): Explanation => ({ type: 'profile', ...profile })),
]

/** The consistency profiles, in the order of the documentation. */
export const profileNames: readonly string[] = PROFILES.map((profile) => profile.name)

/** The names of oracles that a scenario can switch on or off: those of users' properties are not among them. */
export const oracleNames: readonly string[] = ORACLES.map((oracle) => oracle.name).filter(
  (name) => !['always', 'sometimes', 'eventually', 'leadsTo'].includes(name),
)
