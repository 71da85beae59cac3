import type { Folder } from "./folder.ts";

/** Holds what is in a folder below a number of bytes. */
export interface Quota {
  /** Throws one sentence when `bytes` more would be too many. */
  take(bytes: number): Promise<void>;
}

/** Counts at the first write and then only adds; it counts anew before it says no. */
export function createQuota(folder: Folder, limitBytes: number): Quota {
  let usedBytes: number | undefined;

  async function count(): Promise<number> {
    const entries = await folder.list("", { depth: Number.POSITIVE_INFINITY });
    return entries.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  return {
    async take(bytes) {
      usedBytes ??= await count();
      if (usedBytes + bytes > limitBytes) usedBytes = await count();
      if (usedBytes + bytes > limitBytes) {
        const limit = Math.round(limitBytes / 1024 ** 2).toLocaleString("en-US");
        throw new Error(`The workspace is full: its files would have more than ${limit} MiB. Delete some first.`);
      }
      usedBytes += bytes;
    },
  };
}
