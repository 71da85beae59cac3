import { open } from "node:fs/promises";

/** A rename is on disk only once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}
