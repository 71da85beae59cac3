import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Run as a program: puts at `path` a link to `target`, then the real thing, and so on, `count` times in all.
const [path = "", target = "", count = "0"] = process.argv.slice(2);
const next = `${path}.next`;
const old = `${path}.old`;
const isFile = statSync(target).isFile();

process.stdout.write("ready\n");
for (let swap = 0; swap < Number(count); swap += 1) {
  if (swap % 2 === 0) symlinkSync(target, next);
  else makeReal(next);
  swapIn();
}

function makeReal(at: string): void {
  if (!isFile) mkdirSync(at);
  writeFileSync(isFile ? at : join(at, "secret"), "real");
}

/** Again and again until it works: the other side makes and removes things of the same name meanwhile. */
function swapIn(): void {
  for (;;) {
    try {
      rmSync(old, { recursive: true, force: true });
      renameSync(path, old);
    } catch {}
    try {
      renameSync(next, path);
      return;
    } catch {}
  }
}
