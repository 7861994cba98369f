/** Facts about the runs of controller code in one exploration. */
export interface RunCounters {
  /** Runs of controller code that extended the trie. */
  executed: number
  /** Reconciles answered from the trie alone. */
  answered: number
  /** Undeclared uses of random numbers and uuids: controller and call site. */
  readonly randomUses: Map<
    string,
    { readonly controller: string; readonly what: string; readonly site: string | undefined; readonly request: string }
  >
  /** Raised when something learnt changes what a state is (an informer, a frozen view, an uncovered read): search again. */
  restartReason: string | undefined
  /** Kinds whose instants a reconcile that reads the clock has read. */
  readonly timedKinds: Set<number>
  /** Kinds that some controller writes without a resourceVersion. */
  readonly blindKinds: Set<number>
  /** `controller create|delete|both kind`, by their ids, as far as seen. */
  readonly turnovers: Set<string>
  /** Kinds that some controller both creates and deletes. */
  readonly turnoverKinds: Set<number>
  /** Kinds whose generations a controller uses as data: canonical forms keep the numbers. */
  readonly generationsAsData: Set<number>
  /** How often a field of a controller's writes was suspected to hold a generation. */
  readonly suspicions: Map<string, number>
  readonly lints: Map<string, string>
}
