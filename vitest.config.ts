import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    ...{ include: ["test/**/*.test.{ts,tsx}"], testTimeout: 20_000, hookTimeout: 20_000 },
    // Many wait for servers rather than for the processor: one worker on two cores would leave both idle.
    maxWorkers: 2,
  },
});
