import { matchesGlob } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { areas, areaVariable } from "./areas.ts";

/**
 * Breaks the guards in every small way and looks whether a test notices:
 *
 *     npm run mutate -- [policy|addresses|requests|git|clone|sandbox|a file of theirs …]
 *
 * Without a word all are done, which takes an hour or more. Exit 1 where less than 90 % of an area are noticed. The
 * sentences for people are mutated with the rest; what only compiles otherwise is not looked at.
 */
const wanted = process.argv.slice(2);
const least = 90;

for (const area of areas) {
  const files = wanted.filter((one) => one.endsWith(".ts") && area.mutate.some((glob) => isFileOf(one, glob)));
  if (wanted.length > 0 && files.length === 0 && !wanted.includes(area.name)) continue;
  process.env[areaVariable] = area.name;
  const results = await new Stryker({
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    mutate: files.length > 0 ? files : area.mutate,
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    // TypeScript 7 has no interface for programs, by which Stryker would rewrite it; vitest reads no tsconfig that matters.
    tsconfigFile: "none",
    coverageAnalysis: "perTest",
    concurrency: 1,
    timeoutMS: 20_000,
    reporters: ["clear-text"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    thresholds: { high: 95, low: least, break: null },
    allowConsoleColors: false,
    cleanTempDir: "always",
  }).runMutationTest();
  const count = (...of: string[]): number => results.filter(({ status }) => of.includes(status)).length;
  const noticed = count("Killed", "Timeout");
  // What does not even load is no mutant: it counts on neither side.
  const all = noticed + count("Survived", "NoCoverage");
  const percent = (100 * noticed) / all;
  console.log(`${area.name}: ${noticed} of ${all} mutants noticed, ${percent.toFixed(1)} %`);
  if (percent < least) process.exitCode = 1;
}

function isFileOf(file: string, glob: string): boolean {
  return matchesGlob(file, glob);
}
