import { renameSync, rmSync, symlinkSync } from "node:fs";

// Run as a program: swaps what stands at `path` with a link to `target` and back, `count` times in all.
const [path = "", target = "", count = "0"] = process.argv.slice(2);
const aside = `${path}.aside`;
const link = `${path}.link`;

process.stdout.write("ready\n");
for (let swap = 0; swap < Number(count); swap += 2) {
  symlinkSync(target, link);
  put(path, aside);
  put(link, path);
  put(aside, path);
}

/** Renames over whatever the other side has put there meanwhile. */
function put(from: string, to: string): void {
  for (;;) {
    try {
      if (to === path) rmSync(to, { recursive: true, force: true });
      return renameSync(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
    }
  }
}
