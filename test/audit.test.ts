import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type AuditedDecision, createAudit } from "../src/audit.ts";
import { temporaryFolder } from "./support/temporary.ts";

const decision: AuditedDecision = {
  ...{ agent: "main", run: 1, tool: "fetch_url", effects: ["reads-web"], verdict: "ask" },
  ...{ labels: ["untrusted", "unnamed"], argumentsHash: "0".repeat(64) },
};
const now = () => new Date("2026-11-20T14:05:00Z");

it("a decision is one line that only the owner of the machine can read", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "audit.jsonl"), "", { mode: 0o644 });
  createAudit(folder, now).record(decision);
  createAudit(folder, now).record(decision);
  const file = join(folder, "audit.jsonl");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? "")).toEqual({ at: "2026-11-20T14:05:00.000Z", ...decision });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("the file is set aside when it is long, and one such is kept", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "audit.jsonl"), `${"x".repeat(5 * 1024 * 1024 - 1)}\n`);
  const audit = createAudit(folder, now);
  audit.record(decision);
  expect(statSync(join(folder, "audit.1.jsonl")).size).toBe(5 * 1024 * 1024);
  expect(readFileSync(join(folder, "audit.jsonl"), "utf8").trim().split("\n")).toHaveLength(1);
});

it("a line that was cut off stays alone: the next one is whole", () => {
  const folder = temporaryFolder();
  const file = join(folder, "audit.jsonl");
  createAudit(folder, now).record(decision);
  const line = readFileSync(file, "utf8");
  for (let length = 1; length < line.length; length++) {
    writeFileSync(file, line + line.slice(0, length));
    createAudit(folder, now).record(decision);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect([lines[0], lines[2]]).toEqual([line.trimEnd(), line.trimEnd()]);
  }
});
