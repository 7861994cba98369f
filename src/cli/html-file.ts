/** The web inspector with a dump inside: one file, which opens from disk and asks nothing of a network. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

/** Made by `npm run build`; as far from the source of this file as from what it is compiled to. */
const PAGE = new URL('../../dist/web-inspector/', import.meta.url)

/** Throws a `UsageError` where it cannot be written. */
export function writeHtml(file: string, dump: Uint8Array, workingDirectory: string): void {
  const page = htmlPage(dump, { script: pageFile('page.js'), style: pageFile('page.css') })
  try {
    writeFileSync(resolve(workingDirectory, file), page)
  } catch (cause) {
    throw new UsageError({
      what: `The page ${file} cannot be written: ${(cause as Error).message}.`,
      why: 'Its path is relative to the current folder, and the folder has to be there.',
      fix: 'Give the path of a file: --html report.html.',
      cause,
    })
  }
}

function pageFile(name: string): string {
  try {
    return readFileSync(new URL(name, PAGE), 'utf8')
  } catch (cause) {
    throw new UsageError({
      what: `The page of the web inspector is not there: ${(cause as Error).message}.`,
      why: 'Kamera runs from its source, and has not been built.',
      fix: 'Run npm run build.',
      cause,
    })
  }
}

/** Only this script and this style may run in it, whatever the dump has in it. */
export function htmlPage(dump: Uint8Array, parts: PageParts): string {
  const data = `<script type="application/octet-stream" id="dump">${Buffer.from(dump).toString('base64')}</script>`
  return pageWith(parts, "default-src 'none'", data).html
}

/** The page without a dump, which asks whoever serves it for one. */
export function livePage(): { readonly html: string; readonly policy: string } {
  return pageWith(
    { script: pageFile('page.js'), style: pageFile('page.css') },
    "default-src 'none'; connect-src 'self'",
  )
}

interface PageParts {
  readonly script: string
  readonly style: string
}

function pageWith(parts: PageParts, sources: string, data = ''): { readonly html: string; readonly policy: string } {
  const script = parts.script.replaceAll('</script', '<\\/script')
  const style = parts.style.replaceAll('</style', '')
  const policy = [
    sources,
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>kamera</title>
<style>${style}</style>
<body>
<div id="page"><noscript>This page needs JavaScript; it uses no network.</noscript></div>
${data}
<script>${script}</script>
</body>
</html>
`
  return { html, policy }
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
