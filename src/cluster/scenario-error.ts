/** A scenario that cannot be explored as it is: the user's to mend. Exit status 2. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}
