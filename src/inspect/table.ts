/** Text in aligned columns. */

export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** The header line and one line a row; columns are parted by two spaces. */
export function tableLines(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0
        const text = cells[index] ?? ''
        return column.align === 'right' ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...rows.map(line)]
}
