/** Where a reconcile in flight is kept: with its process, or with an instance that has handed over. */
import type { InFlight, State } from './state.ts'
import type { Author } from './step.ts'
import type { ControllerDescription } from './system.ts'

export interface Reconcile {
  readonly controller: ControllerDescription
  readonly author: Author
}

export function flightOf(state: State, { controller, author }: Reconcile): InFlight {
  const { retired } = author
  const inFlight = retired === undefined ? state.inFlight : state.retired[retired]?.inFlight
  const flight = inFlight?.[controller.name]
  if (flight === undefined) throw new Error(`${controller.name} has nothing in flight`)
  return flight
}

export function setFlight(state: State, { controller, author }: Reconcile, flight: InFlight | undefined): void {
  if (author.retired === undefined) state.inFlight[controller.name] = flight
  else {
    state.retired = state.retired.map((instance, place) =>
      place === author.retired
        ? { ...instance, inFlight: { ...instance.inFlight, [controller.name]: flight } }
        : instance,
    )
  }
}
