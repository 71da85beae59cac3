import { randomBytes } from "node:crypto";
import { chown, mkdir, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Puts `text` at `path`, readable for its owner alone. Whoever reads sees the old text or the new one, whole, also after
 * a power cut. A symbolic link stays a link; a file of another owner stays that owner's.
 */
export async function atomicWrite(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString("hex")}`);

  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await keepOwner(target, temporary);
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

async function keepOwner(from: string, to: string): Promise<void> {
  const owner = await stat(from).catch(() => undefined);
  if (owner && process.getuid?.() === 0) await chown(to, owner.uid, owner.gid);
}

/** A rename is on disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
