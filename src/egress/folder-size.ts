import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files below a folder. What vanishes meanwhile does not count. */
export async function folderSize(directory: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(directory, { recursive: true })) {
      if (!entry.isFile()) continue;
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
    }
  } catch {
    // A folder went away under the walk: it is measured again.
  }
  return bytes;
}
