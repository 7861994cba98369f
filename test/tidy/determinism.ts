/**
 * The core takes no clock and no chance from its surroundings. The linter bans globals as a whole; here are the two of
 * which a part is allowed: `new Date(milliseconds)` formats a time that was given, and `Math` has one impure member.
 */
import ts from 'typescript'
import type { RepositoryFile } from './repository-files.ts'

const core = /^src\/(api|apiserver|controller|cluster|checker|properties|findings|trace|builtin-controllers)\//
const isTest = /\.(test|conformance)\.ts$|\/test-support\.ts$/
/** Functions of their arguments alone. */
const pureDateMembers = ['parse', 'UTC']

/** One line for each use of the clock or of unseeded chance in the core. */
export function nondeterminismIn(file: RepositoryFile): string[] {
  if (!core.test(file.path) || isTest.test(file.path) || !file.path.endsWith('.ts')) return []
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const complaint = complaintAbout(node)
    if (complaint !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${file.path}:${line + 1}: ${complaint}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function complaintAbout(node: ts.Node): string | undefined {
  if (!ts.isIdentifier(node)) return undefined
  if (node.text === 'random' && isMemberOf(node, 'Math')) return 'Math.random: take a seeded generator as an argument'
  if (node.text === 'Date' && readsClock(node)) return 'Date: take the time from the state, or as an argument'
  return undefined
}

function isMemberOf(node: ts.Identifier, object: string): boolean {
  const { parent } = node
  return ts.isPropertyAccessExpression(parent) && parent.name === node && parent.expression.getText() === object
}

/** Whether `Date` here is more than a type, a member's name, a pure function or the format of a given time. */
function readsClock(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isNewExpression(parent)) return (parent.arguments ?? []).length === 0
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.expression === node && !pureDateMembers.includes(parent.name.text)
  }
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind !== ts.SyntaxKind.InstanceOfKeyword
  return ts.isCallExpression(parent) || ts.isVariableDeclaration(parent)
}
