import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Child processes: sanitizers, exit codes and forced backends need a process of their own, not a thread.
    pool: 'forks',
    // Vitest would leave a CPU to itself, which on two leaves one to the tests.
    maxWorkers: 2,
    // Only a hang reaches it, not a machine that others load; what a child process said comes before it.
    testTimeout: 480_000,
    hookTimeout: 480_000,
    typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './test/types/tsconfig.json' },
    // Tests import the package by its name, built, as users do: one instance, workers included.
    server: { deps: { external: [/\/dist\//] } },
  },
})
