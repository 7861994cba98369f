/** Controller code did something else than before with the same answers, or used chance that it does not declare. */
export class NondeterminismFound extends Error {
  override readonly name = 'NondeterminismFound'
  readonly controller: string
  readonly site: string | undefined

  constructor(controller: string, message: string, site: string | undefined) {
    super(message)
    this.controller = controller
    this.site = site
  }
}
