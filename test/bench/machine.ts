import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { quantiles, rounded } from "./report.ts";

/** What the figures depend on. */
export async function machine(): Promise<Record<string, string | number>> {
  const [cpu] = cpus();
  const [{ default: ai }] = await Promise.all([import("ai/package.json", { with: { type: "json" } })]);
  return {
    cpu: `${cpu?.model ?? "unknown"}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? "unknown",
    ai: ai.version,
    // Of the last minute: what else the machine was doing.
    load: rounded(loadavg()[0] ?? 0),
    // What each commit waits for, at the least.
    diskSyncMs: diskSyncMs(),
  };
}

/** How long the disk under the temporary folder takes to have 4 KiB for good: the median. */
function diskSyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), "memtrix-bench-"));
  const file = openSync(join(folder, "sync"), "w");
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, () => {
    const began = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return quantiles(times).p50;
}
