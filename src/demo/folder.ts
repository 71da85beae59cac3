import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeOwnerLock } from "../store/owner-lock.ts";

const prefix = "memtrix-demo-";
/** A folder that was just made may have no owner yet. */
const youngMs = 60_000;

/** A folder of this demo's own among the system's temporary ones, removed when it is disposed of. */
export async function openDemoFolder(): Promise<AsyncDisposable & { path: string }> {
  await removeLeft();
  const path = await mkdtemp(join(tmpdir(), prefix));
  const lock = takeOwnerLock(path, "memtrix demo", new Date());
  return {
    path,
    async [Symbol.asyncDispose]() {
      lock[Symbol.dispose]();
      await remove(path);
    },
  };
}

/** Installing a homeserver takes half a minute: one that is there, of the installation in `home`, is used as it is. */
export async function borrowHomeserver(home: string, demo: string): Promise<void> {
  const installed = join(home, "data", "homeserver", "venv");
  if (!existsSync(installed)) return;
  const directory = join(demo, "data", "homeserver");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await symlink(installed, join(directory, "venv"));
}

/** Folders of demos that were killed. */
async function removeLeft(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    try {
      // Anybody may put a link there that leads to a folder of ours.
      const found = await lstat(path);
      const isOurs = found.isDirectory() && found.uid === process.getuid?.();
      if (!isOurs || Date.now() - found.mtimeMs < youngMs) continue;
      takeOwnerLock(path, "memtrix demo", new Date())[Symbol.dispose]();
      await remove(path);
    } catch {
      // Somebody's own, or a demo that goes on: not ours to remove.
    }
  }
}

/** What was told to end may write a last file. */
function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
