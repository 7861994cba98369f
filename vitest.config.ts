import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests run the source, not the last build: `#folder/file.ts` by the condition, `kamera` by its alias. */
const conditions = ['kamera-source', 'node', 'import', 'module', 'default']
const alias = [{ find: /^kamera$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }]

export default defineConfig({
  resolve: { conditions, alias },
  ssr: { resolve: { conditions } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000 },
})
