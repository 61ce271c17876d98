import { defineConfig } from "vitest/config";

/** Where CI wants the results as JSON; outside the tree. */
const report = process.env.PROP_TEST_REPORT;

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      { test: { name: "rules", include: ["test/rules/**/*.test.ts"] } },
      {
        test: { name: "unit", include: ["src/**/*.test.ts", "bin/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        test: {
          name: "integration",
          include: ["test/**/*.test.ts"],
          exclude: ["test/rules/**", "test/chaos/long.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "chaos",
          include: ["test/chaos/long.test.ts"],
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
