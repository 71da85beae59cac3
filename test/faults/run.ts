import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { faults, type Proof } from "./faults.ts";

// Run as a program (`npm run faults`): starts what is too long for CI, one after the other, and prints a table: row, what
// shows it, result. The exit code is 1 when one of them failed.

const { values } = parseArgs({
  options: {
    /** Only these rows: F20,F33. */
    rows: { type: "string" },
    /** Runs the tests of CI as well. */
    tests: { type: "boolean" },
    /** Starts nothing: prints the table alone. */
    list: { type: "boolean" },
  },
});
const checkout = join(import.meta.dirname, "../..");
const chosen = values.rows?.split(",");
const rows = Object.entries(faults).filter(([id]) => chosen?.includes(id) ?? true);
/** A file of tests shows several rows: it runs once. */
const resultsOfTests = new Map<string, string>();
let failed = 0;

for (const [id, proofs] of rows)
  for (const proof of proofs) console.log([id, nameOf(proof), resultOf(proof)].join("\t"));
process.exitCode = failed > 0 ? 1 : 0;

function nameOf(proof: Proof): string {
  if ("notShown" in proof) return "–";
  if ("test" in proof) return `${proof.test}: ${proof.named}`;
  return ["node", proof.script, ...(proof.given ?? [])].join(" ");
}

function resultOf(proof: Proof): string {
  if ("notShown" in proof) return `not shown: ${proof.notShown}`;
  if (values.list) return "test" in proof ? "in CI" : "by hand";
  if ("script" in proof) return run(process.execPath, [proof.script, ...(proof.given ?? [])]);
  if (!values.tests) return "in CI";
  const known = resultsOfTests.get(proof.test);
  const result = known ?? run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", proof.test]);
  resultsOfTests.set(proof.test, result);
  return result;
}

function run(program: string, given: readonly string[]): string {
  const began = performance.now();
  const { status, stdout } = spawnSync(program, given, { cwd: checkout, encoding: "utf8", maxBuffer: 2 ** 28 });
  const seconds = Math.round((performance.now() - began) / 1000);
  if (status !== 0) failed++;
  const last = stdout.trim().split("\n").at(-1)?.trim() ?? "";
  return `${status === 0 ? "passed" : "FAILED"} in ${seconds} s: ${last}`;
}
