import { appendFileSync, chmodSync, closeSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Effect } from "./tool.ts";

/** One line for each decision about a call, in `data/audit.jsonl`: what was decided and why, never what was said. */
export interface Audit {
  /** @throws when it cannot be written: a call that leaves no trace is not made. */
  record(decision: AuditedDecision): void;
}

export interface AuditedDecision {
  agent: string;
  run: number;
  tool: string;
  effects: readonly Effect[];
  /** `run`, `ask` and `refuse` are the policy's; `yes`, `no`, `expired` and `changed` what became of a question. */
  verdict: "run" | "ask" | "refuse" | "yes" | "no" | "expired" | "changed";
  labels: readonly AuditLabel[];
  /** SHA-256 of the canonical arguments. */
  argumentsHash: string;
}

/** What was known of the call and its run. */
export type AuditLabel =
  | "untrusted"
  | "derived"
  | "private"
  | "batch"
  | "named-by-owner"
  | "named-by-result"
  | "unnamed"
  | "others-read"
  | "guest"
  | "nobody-there";

/** The file is set aside as `audit.1.jsonl` when it is longer; one such is kept. */
const longestBytes = 5 * 1024 * 1024;

export function createAudit(directory: string, now: () => Date): Audit {
  const path = join(directory, "audit.jsonl");
  let bytes: number | undefined;

  return {
    record({ agent, run, tool, effects, verdict, labels, argumentsHash }) {
      const at = now().toISOString();
      const line = `${JSON.stringify({ at, agent, run, tool, effects, verdict, labels, argumentsHash })}\n`;
      if (bytes === undefined) {
        bytes = closedToOthers(path);
        if (bytes > 0 && !endsWithLine(path, bytes)) appendFileSync(path, "\n");
      }
      if (bytes + line.length > longestBytes) {
        renameSync(path, join(directory, "audit.1.jsonl"));
        bytes = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      bytes += Buffer.byteLength(line);
    },
  };
}

/** False when the last line was cut off, as a full disk or a power cut leaves it. */
function endsWithLine(path: string, bytes: number): boolean {
  const file = openSync(path, "r");
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, bytes - 1);
    return last.toString() === "\n";
  } finally {
    closeSync(file);
  }
}

/** Its size. It may have been copied here with another mode. */
function closedToOthers(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) chmodSync(path, 0o600);
  return stats?.size ?? 0;
}
