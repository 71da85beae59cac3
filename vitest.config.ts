import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    ...{ include: ["test/**/*.test.{ts,tsx}"], testTimeout: 20_000, hookTimeout: 20_000 },
    // Many wait for servers rather than for the processor: as many workers as two cores have would leave both idle.
    maxWorkers: 3,
  },
});
