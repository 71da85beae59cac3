import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An empty folder that goes away with `using`. */
export interface TemporaryHome extends Disposable {
  path: string;
  /** Lays down a file; gives its path. */
  write(name: string, content: string | object): string;
}

export function temporaryHome(): TemporaryHome {
  const path = mkdtempSync(join(tmpdir(), "memtrix-home-"));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
      return file;
    },
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
