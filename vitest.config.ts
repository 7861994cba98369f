import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests run the source, not the last build: `#folder/file.ts` by the condition, `kamera` and its parts by an alias. */
const conditions = ['kamera-source', 'node', 'import', 'module', 'default']
const source = fileURLToPath(new URL('src', import.meta.url))
const alias = [
  { find: /^kamera$/, replacement: `${source}/index.ts` },
  { find: /^kamera\/(\w+)$/, replacement: `${source}/$1.ts` },
]

export default defineConfig({
  resolve: { conditions, alias },
  ssr: { resolve: { conditions } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 120_000, maxWorkers: 2 },
})
