/** What differs between two stores at rest, in outcome form. */
import type { OutcomeObject } from '#cluster/outcome-form.ts'
import type { FieldDifference } from '#trace/report.ts'

/** Field by field, by object name; objects that only one side has are one difference with path ''. */
export function differencesBetween(
  left: readonly OutcomeObject[],
  right: readonly OutcomeObject[],
): readonly FieldDifference[] {
  const differences: FieldDifference[] = []
  const rightByName = new Map(right.map((object) => [`${object.apiVersion} ${object.name}`, object]))
  const leftNames = new Set<string>()
  for (const object of left) {
    const name = `${object.apiVersion} ${object.name}`
    leftNames.add(name)
    const other = rightByName.get(name)
    if (other === undefined) differences.push({ object: object.name, path: '', left: 'there', right: undefined })
    else compare(object.name, '', object.fields, other.fields, differences)
  }
  for (const object of right) {
    if (!leftNames.has(`${object.apiVersion} ${object.name}`)) {
      differences.push({ object: object.name, path: '', left: undefined, right: 'there' })
    }
  }
  return differences
}

function compare(object: string, path: string, left: unknown, right: unknown, differences: FieldDifference[]): void {
  if (isContainer(left) && isContainer(right) && Array.isArray(left) === Array.isArray(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const below = path === '' ? key : `${path}.${key}`
      compare(
        object,
        below,
        (left as Record<string, unknown>)[key],
        (right as Record<string, unknown>)[key],
        differences,
      )
    }
  } else if (left !== right) differences.push({ object, path, left, right })
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
