import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createArchiveWriter } from "../../src/backup/archive.ts";
import { openBackupFile } from "../../src/backup/backup-file.ts";
import { deriveKeys, headerBytes, newHeader } from "../../src/backup/header.ts";
import { createSealer } from "../../src/backup/sealed-chunks.ts";

export const passphrase = "correct horse battery";
export const program = "0.1.0";

/** A backup that holds these files, whatever their paths; made with little work for the passphrase. */
export async function sealedBackup(
  files: Record<string, Uint8Array | string>,
  { version = program, raw }: { version?: string; raw?: Uint8Array } = {},
): Promise<Buffer> {
  const header = newHeader(version, new Date("2026-11-21T10:00:00Z"), { N: 2, r: 1, p: 1 });
  const keys = await deriveKeys(passphrase, header);
  const begin = headerBytes(header, keys);
  const parts: Buffer[] = [begin];
  const sealer = createSealer(keys.sealing, begin, async (bytes) => void parts.push(bytes));
  const archive = createArchiveWriter(sealer.add);
  if (raw) await sealer.add(raw);
  for (const [path, content] of Object.entries(files))
    await archive.file({ path, mode: 0o600, modifiedMs: 0 }, once(Buffer.from(content)));
  await archive.end();
  await sealer.end();
  return Buffer.concat(parts);
}

/** All files that a backup holds. */
export async function filesIn(path: string, secret = passphrase): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const backup = await openBackupFile(path, program);
  for await (const { path, kind, content } of backup.entries(secret)) {
    const blocks: Buffer[] = [];
    for await (const block of content) blocks.push(block);
    if (kind === "file") files[path] = Buffer.concat(blocks).toString("latin1");
  }
  return files;
}

export const textOf = (folder: string, ...names: string[]): string => readFileSync(join(folder, ...names), "utf8");

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
