import { defineConfig } from 'vitest/config';

/** Tests run on the sources: the `source` export condition resolves every workspace package to its src/index.ts. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: ['libs/**/src/**/*.spec.ts', 'services/**/src/**/*.spec.ts', 'deploy/**/src/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
