/** How text looks: colour or none, and how wide. */
import picocolors from 'picocolors'

export interface TextOptions {
  /** Default false: plain text, as for files and pipes. */
  readonly colour?: boolean
  /** Characters a line may have; default 100, at least 60. */
  readonly columns?: number
}

/** `colours` are functions that do nothing where colour is off. */
export interface TextStyle {
  readonly colours: ReturnType<typeof picocolors.createColors>
  readonly columns: number
}

export function textStyle(options: TextOptions): TextStyle {
  return { colours: picocolors.createColors(options.colour ?? false), columns: Math.max(options.columns ?? 100, 60) }
}
