import { createHash } from "node:crypto";
import { z } from "zod";
import { ConfigError, messageOf } from "../errors.ts";
import { isArchivePath } from "./archive-path.ts";
import { createByteReader } from "./byte-reader.ts";

/**
 * Files and folders one after the other, in a form that is written and read without knowing a file's length before: each
 * begins with its description as JSON; a file's content follows in blocks, an empty one last, and then its SHA-256. The
 * last entry says how many there were. A later entry of the same path takes the place of an earlier one.
 */
const describedEntry = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("folder"), path: z.string(), mode: z.int().min(0).max(0o777) }),
  z.strictObject({
    kind: z.literal("file"),
    path: z.string(),
    mode: z.int().min(0).max(0o777),
    modifiedMs: z.number(),
  }),
  z.strictObject({ kind: z.literal("end"), entries: z.int(), bytes: z.int() }),
]);

type Described = z.infer<typeof describedEntry>;
export type EntryDescription = Exclude<Described, { kind: "end" }>;

/** What is read of an archive; the content of a file is to be read before the next entry. */
export type ArchiveEntry = EntryDescription & { content: AsyncIterable<Buffer> };

export interface ArchiveWriter {
  folder(entry: Omit<EntryDescription & { kind: "folder" }, "kind">): Promise<void>;
  /** Gives the number of bytes. */
  file(entry: Omit<EntryDescription & { kind: "file" }, "kind">, content: AsyncIterable<Uint8Array>): Promise<number>;
  end(): Promise<void>;
}

const longestDescription = 65_536;
const longestBlock = 2 ** 20;

export function createArchiveWriter(add: (bytes: Uint8Array) => Promise<void>): ArchiveWriter {
  let entries = 0;
  let bytes = 0;

  async function describe(described: Described): Promise<void> {
    const text = Buffer.from(JSON.stringify(described));
    await add(lengthOf(text));
    await add(text);
  }

  async function begin(entry: EntryDescription): Promise<void> {
    if (!isArchivePath(entry.path)) throw new Error(`${entry.path} cannot stand in a backup`);
    entries += 1;
    await describe(entry);
  }

  return {
    folder: (entry) => begin({ kind: "folder", ...entry }),
    async file(entry, content) {
      await begin({ kind: "file", ...entry });
      const hash = createHash("sha256");
      let size = 0;
      for await (const piece of content) {
        for (let from = 0; from < piece.length; from += longestBlock) {
          const block = piece.subarray(from, from + longestBlock);
          hash.update(block);
          size += block.length;
          await add(lengthOf(block));
          await add(block);
        }
      }
      await add(lengthOf(Buffer.alloc(0)));
      await add(hash.digest());
      bytes += size;
      return size;
    },
    end: () => describe({ kind: "end", entries, bytes }),
  };
}

/** The entries of an archive that is whole up to where it was read; the last one has been read when this returns. @throws ConfigError */
export async function* readArchive(plain: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const reader = createByteReader(plain);
  let entries = 0;
  let bytes = 0;

  async function* contentOf(path: string): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    for (;;) {
      const block = await reader.take(await length(longestBlock));
      if (block.length === 0) break;
      hash.update(block);
      bytes += block.length;
      yield block;
    }
    if (!hash.digest().equals(await reader.take(32))) throw new Error(`${path} is not what was saved`);
  }

  async function length(longest: number): Promise<number> {
    const count = (await reader.take(4)).readUInt32BE();
    if (count > longest) throw new Error("a length is wrong");
    return count;
  }

  try {
    for (;;) {
      const text = (await reader.take(await length(longestDescription))).toString();
      const entry = describedEntry.parse(JSON.parse(text));
      if (entry.kind === "end") {
        if (entry.entries !== entries || entry.bytes !== bytes) throw new Error("an entry is missing");
        if (!(await reader.isAtEnd())) throw new Error("something stands behind its end");
        return;
      }
      if (!isArchivePath(entry.path)) throw new Error(`${JSON.stringify(entry.path)} leads out of it`);
      entries += 1;
      const content = entry.kind === "file" ? contentOf(entry.path) : nothing();
      yield { ...entry, content };
      // What was not wanted is passed over, and checked all the same.
      for await (const _rest of content);
    }
  } catch (cause) {
    if (cause instanceof ConfigError || !isOurs(cause)) throw cause;
    throw new ConfigError(`The backup cannot be read (${messageOf(cause)}). Nothing was touched.`, { cause });
  }
}

/** Of the archive itself; what the system says (a full disk) goes on as it is. */
function isOurs(error: unknown): boolean {
  return !(error instanceof Error && "code" in error);
}

async function* nothing(): AsyncGenerator<Buffer> {}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
