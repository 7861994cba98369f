/** Words that are not to be used, each with the one to use instead and the reason. The meanings: CONTRIBUTING.md. */
import type { RepositoryFile } from './repository-files.ts'

interface BannedWord {
  readonly pattern: RegExp
  readonly instead: string
}

const bannedWords: readonly BannedWord[] = [
  { pattern: /\b(mock|stub|dummy)(s|ed|ing)?\b/i, instead: 'fake (an implementation for tests), or the real thing' },
  { pattern: /\bsync loop\b/i, instead: 'reconcile' },
  { pattern: /\bperturb(s|er|ers|ation|ations)?\b/i, instead: 'fault (environment), strategy (order)' },
  { pattern: /\blineage\b/i, instead: 'path, trace or provenance' },
  { pattern: /\bTODO\b(?! ?\(?#\d+)/, instead: 'TODO(#123): with the number of its issue' },
  { pattern: /\bFIXME\b/, instead: 'the repair, or a named test of the wrong answer' },
  { pattern: /\b(it|test|describe|suite)\.only\b/, instead: 'all tests' },
  { pattern: /\bco-authored-by\b|\bsprint\b|\bthe brief\b|\bas instructed\b/i, instead: 'what the code does and why' },
  { pattern: /(^|[\s'"`(])\/(work|home|Users|root)\/\w/, instead: 'a path from the root of the repository' },
]

/** Suffixes that name nothing: say what the thing does. Kubernetes' own names with such a part are fine. */
const emptyNamePart = /(Manager|Handler|Helper|Util|Common|Base|Impl|Engine|Context|Misc)s?(?![a-z])/
const upstreamName = /eventHandler|defineHandlers|fieldManager|managedField|controllerManager|kubeContext/i
const emptyFileName = /(^|-)(manager|handler|helper|util|common|base|impl|engine|context|misc)s?(-|\.|$)/
const upstreamFileName = /event-handler|define-handlers|field-manager/

/** Locals are free: what a file exports, and its types, are read out of their place. */
const declaration = /^(?:export (?:async )?(?:class|interface|type|function\*?|const)|class|interface|type) (\w+)/

/** Files that quote such words: the rules themselves, and the text that the project was started with. */
const quotes = /^(test\/tidy\/|README\.md$|LICENSE$|package-lock\.json$)/
const isText = /\.(ts|mts|tsx|mjs|js|md|json|yaml|yml|go|html|css|txt)$/

/** One line for each use of a banned word: where, which, what instead. */
export function bannedWordsIn(file: RepositoryFile): string[] {
  if (quotes.test(file.path) || !isText.test(file.path)) return []
  return file.lines.flatMap((line, index) =>
    bannedWords
      .filter(({ pattern }) => pattern.test(line))
      .map(({ pattern, instead }) => `${file.path}:${index + 1}: “${pattern.exec(line)?.[0].trim()}”: use ${instead}`),
  )
}

/** One line for each declared name, or name of a file, that ends in a word without a meaning. */
export function emptyNamesIn(file: RepositoryFile): string[] {
  if (!/^(src|test|bench|scripts)\/.*\.(ts|mjs)$/.test(file.path)) return []
  const found = file.lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1] ?? ''
    if (!emptyNamePart.test(capitalised(name)) || upstreamName.test(name)) return []
    return [
      `${file.path}:${index + 1}: ${name}: name what it does, without “${emptyNamePart.exec(capitalised(name))?.[1]}”`,
    ]
  })
  const fileName = file.path.slice(file.path.lastIndexOf('/') + 1)
  const isEmptyName = emptyFileName.test(fileName) && !upstreamFileName.test(fileName)
  return isEmptyName ? [...found, `${file.path}: name the file by what its main export does`] : found
}

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
