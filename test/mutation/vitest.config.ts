import { defineConfig } from "vitest/config";
import { areas, areaVariable } from "./areas.ts";

const area = areas.find(({ name }) => name === process.env[areaVariable]);
if (!area) throw new Error("Start it by test/mutation/mutate.ts.");

const env = { MEMTRIX_TEST_SPELLINGS: "2000" };
// A mutant that makes a test wait for ever should not take long.
export default defineConfig({ test: { env, include: area.tests, testTimeout: 20_000, hookTimeout: 20_000 } });
