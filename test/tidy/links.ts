/** Links of Markdown files within the repository: the file must exist, and the heading too. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type RepositoryFile, root } from './repository-files.ts'

const linkTarget = /(?<!!)\[[^\]]*\]\(([^)\s]+)(?: "[^"]*")?\)|!\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/g
const elsewhere = /^([a-z][a-z0-9+.-]*:|\/\/)/i

/** One line for each link that leads nowhere. Links to other sites are not followed. */
export function brokenLinksIn(file: RepositoryFile): string[] {
  if (!file.path.endsWith('.md')) return []
  return proseLines(file.lines).flatMap((line, index) =>
    [...line.matchAll(linkTarget)]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      .filter((target) => !elsewhere.test(target) && !leadsSomewhere(file.path, target))
      .map((target) => `${file.path}:${index + 1}: ${target} leads nowhere`),
  )
}

/** The lines with code emptied: what looks like a link there is none. */
function proseLines(lines: readonly string[]): readonly string[] {
  let inCode = false
  return lines.map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      inCode = !inCode
      return ''
    }
    return inCode ? '' : line.replace(/`[^`]*`/g, '')
  })
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const place = path === '' ? join(root, from) : join(root, dirname(from), decodeURIComponent(path))
  if (relative(root, place).startsWith('..') || !existsSync(place)) return false
  if (heading === undefined || !place.endsWith('.md') || !statSync(place).isFile()) return true
  return headingsOf(readFileSync(place, 'utf8')).includes(heading)
}

/** As GitHub makes anchors of headings: lower case, without punctuation, dashes for spaces. */
function headingsOf(markdown: string): readonly string[] {
  const headings = markdown.match(/^#+ .*$/gm) ?? []
  return headings.map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}
