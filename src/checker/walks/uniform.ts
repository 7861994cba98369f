/** The plain random walk: every free action is as likely as any other. */
import { freeActions, oneOf, type WalkStrategy } from './walk-strategy.ts'

export const uniform: WalkStrategy =
  ({ random }) =>
  (crossroads) =>
    oneOf(freeActions(crossroads), random)
