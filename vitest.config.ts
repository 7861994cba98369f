import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['kamera-source'] },
  ssr: { resolve: { conditions: ['kamera-source', 'node', 'import', 'module', 'default'] } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000 },
})
