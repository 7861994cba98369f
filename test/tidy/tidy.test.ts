/** What the linter cannot see: words, names, links, sizes, and that the lists in documents are complete. */
import { describe, expect, it } from 'vitest'
import { missingEntries } from '../../scripts/complete-lock.mjs'
import { nondeterminismIn } from './determinism.ts'
import { brokenLinksIn } from './links.ts'
import { type RepositoryFile, repositoryFiles } from './repository-files.ts'
import { bannedWordsIn, emptyNamesIn } from './words.ts'

const linesMax = 400
const bytesMax = 512 * 1024

const files = repositoryFiles()
const isCode = ({ path }: RepositoryFile): boolean => /^(src|test|bench|scripts|examples)\/.*\.(ts|mjs)$/.test(path)
const text = (path: string): string => files.find((file) => file.path === path)?.text ?? ''

describe('the repository', () => {
  it('uses the words of its glossary', () => {
    expect(files.flatMap(bannedWordsIn)).toEqual([])
  })

  it('names things by what they do', () => {
    expect(files.flatMap(emptyNamesIn)).toEqual([])
  })

  it('has no Markdown link that leads nowhere', () => {
    expect(files.flatMap(brokenLinksIn)).toEqual([])
  })

  it('takes neither clock nor chance from outside in the core', () => {
    expect(files.flatMap(nondeterminismIn)).toEqual([])
  })

  it(`has no code file of more than ${linesMax} lines`, () => {
    const long = files.filter((file) => isCode(file) && file.lines.length - 1 > linesMax)
    expect(long.map((file) => `${file.path}: ${file.lines.length - 1} lines: split it by subject`)).toEqual([])
  })

  it('has no large and no binary file', () => {
    const large = files.filter((file) => file.bytes.length > bytesMax)
    const binary = files.filter((file) => file.bytes.includes(0))
    expect([...large, ...binary].map((file) => file.path)).toEqual([])
  })
})

describe('package.json', () => {
  const manifest = JSON.parse(text('package.json'))

  it('names exact versions', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
  })

  it('has a lock file with the packages of every platform: run `node scripts/complete-lock.mjs`', () => {
    expect([...missingEntries(JSON.parse(text('package-lock.json'))).keys()]).toEqual([])
  })

  it('has no runtime dependency without its reason in docs/decisions/0002-dependencies.md', () => {
    const reasons = text('docs/decisions/0002-dependencies.md')
    const named = Object.keys(manifest.dependencies)
    expect(named.filter((name) => !reasons.includes(`| \`${name}\` |`))).toEqual([])
  })
})

describe('ARCHITECTURE.md', () => {
  it('has every folder of src/ in its table', () => {
    const folders = new Set(
      files.map(({ path }) => /^src\/([^/]+)\//.exec(path)?.[1]).filter((name) => name !== undefined),
    )
    const table = text('ARCHITECTURE.md')
    expect([...folders].filter((folder) => !table.includes(`| \`${folder}\` |`))).toEqual([])
  })
})

describe('CHANGELOG.md', () => {
  it('begins with what is not released yet', () => {
    expect(/^## (.*)$/m.exec(text('CHANGELOG.md'))?.[1]).toBe('[Unreleased]')
  })
})
