import { createReadStream } from "node:fs";
import { type ArchiveEntry, readArchive } from "./archive.ts";
import { createByteReader } from "./byte-reader.ts";
import {
  authenticationBytes,
  type BackupHeader,
  type BackupKeys,
  checkPassphrase,
  deriveKeys,
  longestHeader,
  magic,
  notABackup,
  parseHeader,
} from "./header.ts";
import { unseal } from "./sealed-chunks.ts";

/** A backup of which the header was read. */
export interface BackupFile {
  header: BackupHeader;
  /** Bytes of the file that have been read. */
  done(): number;
  /** `secret`: the passphrase, or the keys that are made of it. @throws ConfigError for another one, and as soon as something is not as it was written. To be called once. */
  entries(secret: string | BackupKeys): AsyncGenerator<ArchiveEntry>;
}

/** @throws ConfigError when it is no backup, or one of a newer version than `program`. */
export async function openBackupFile(path: string, program: string): Promise<BackupFile> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
  const reader = createByteReader(stream);
  const take = (count: number) =>
    reader.take(count).catch((error) => {
      throw error instanceof Error && "code" in error ? error : notABackup(error);
    });
  try {
    const begin = await take(magic.length + 4);
    const length = begin.readUInt32BE(magic.length);
    if (!begin.subarray(0, magic.length).equals(magic) || length > longestHeader) throw notABackup();
    const text = await take(length);
    const header = parseHeader(text.toString(), program);
    const bytes = Buffer.concat([begin, text, await take(authenticationBytes)]);
    return {
      header,
      done: () => stream.bytesRead,
      async *entries(secret) {
        try {
          const keys = typeof secret === "string" ? await deriveKeys(secret, header) : secret;
          checkPassphrase(bytes, keys);
          yield* readArchive(unseal(keys.sealing, bytes, reader.rest()));
        } finally {
          stream.destroy();
        }
      },
    };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
