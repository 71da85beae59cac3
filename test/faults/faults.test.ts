import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedFile, tableRows } from "../support/shared.ts";
import { faults } from "./faults.ts";

const checkout = join(import.meta.dirname, "../..");
const matrix = sharedFile("cases/fault-matrix.tsv");
const rows = matrix ? tableRows(readFileSync(matrix, "utf8")) : [];

describe("the faults", () => {
  it.skipIf(rows.length === 0)("have a proof each, or a word why not", () => {
    expect(Object.keys(faults)).toEqual(rows.map(({ id }) => id));
    for (const [id, proofs] of Object.entries(faults)) expect({ id, proofs }).not.toMatchObject({ proofs: [] });
  });

  const shown = Object.entries(faults).flatMap(([id, proofs]) => proofs.map((proof) => ({ id, proof })));

  it("are shown by tests and scripts that there are", () => {
    const missing = shown.flatMap(({ id, proof }) => {
      if ("notShown" in proof) return [];
      const file = join(checkout, "test" in proof ? proof.test : proof.script);
      if (!existsSync(file)) return [`${id}: ${file}`];
      return "test" in proof && !readFileSync(file, "utf8").includes(proof.named) ? [`${id}: ${proof.named}`] : [];
    });
    expect(missing).toEqual([]);
  });
});
