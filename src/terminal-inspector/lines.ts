/** What screens are made of. */

export type Tone = 'plain' | 'title' | 'selected' | 'dim' | 'bad' | 'good' | 'odd' | 'bar'

export interface Line {
  readonly text: string
  readonly tone: Tone
}

/** Of the terminal, in characters. */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface Drawn {
  readonly title: string
  readonly subtitle: string
  readonly body: readonly Line[]
  /** Line of the body that is to be seen. */
  readonly chosen?: number
}
