import { defineConfig } from "vitest/config";
import { areas, areaVariable } from "./areas.ts";

const area = areas.find(({ name }) => name === process.env[areaVariable]);
if (!area) throw new Error("Start it by test/mutation/mutate.ts.");

// A mutant that makes a test wait for ever should not take long.
export default defineConfig({ test: { include: area.tests, testTimeout: 8_000, hookTimeout: 8_000 } });
