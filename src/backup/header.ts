import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { ConfigError } from "../errors.ts";

/**
 * How a backup begins: a line that says what it is, the length of the header in four bytes, the header as JSON, and its
 * authentication. All else behind it is sealed (sealed-chunks.ts).
 */
export const magic: Buffer = Buffer.from("Memtrix backup\n");
export const authenticationBytes = 32;
export const longestHeader = 4_096;
export const backupFormat = 1;

/** What a try costs whoever guesses a passphrase, in the terms of scrypt. */
export type GuessCost = Pick<BackupHeader["scrypt"], "N" | "r" | "p">;

/** 128 MiB and half a second. */
const usualCost: GuessCost = { N: 2 ** 17, r: 8, p: 1 };

const schema = z.strictObject({
  format: z.literal(backupFormat),
  /** The version of the program that wrote it. */
  program: z.string().regex(/^\d+\.\d+\.\d+/),
  at: z.iso.datetime(),
  /** The bounds are what a made-up header may cost us. */
  scrypt: z.strictObject({
    N: z
      .int()
      .min(2)
      .max(2 ** 18)
      .refine((n) => Number.isInteger(Math.log2(n))),
    r: z.int().min(1).max(8),
    p: z.int().min(1).max(4),
    salt: z.base64().length(24),
  }),
});

export type BackupHeader = z.infer<typeof schema>;

export function newHeader(program: string, at: Date, { N, r, p }: GuessCost = usualCost): BackupHeader {
  const salt = randomBytes(16).toString("base64");
  return { format: backupFormat, program, at: at.toISOString(), scrypt: { N, r, p, salt } };
}

/**
 * The header that this text is. The passphrase is not needed to see that a file cannot be read.
 * @throws ConfigError for one of another form, or of a newer version than `program`.
 */
export function parseHeader(text: string, program: string): BackupHeader {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw notABackup(cause);
  }
  const loose = z.object({ format: z.int(), program: z.string() }).safeParse(raw);
  if (!loose.success) throw notABackup(loose.error);
  const { format, program: writer } = loose.data;
  if (format > backupFormat || isNewer(writer, program))
    throw new ConfigError(
      `This backup was made by a newer Memtrix (${writer}, this one is ${program}): install that version, then restore. Nothing was touched.`,
    );
  const header = schema.safeParse(raw);
  if (!header.success) throw notABackup(header.error);
  return header.data;
}

export function notABackup(cause?: unknown): ConfigError {
  return new ConfigError("This is no backup of Memtrix, or its beginning is damaged. Nothing was touched.", { cause });
}

export interface BackupKeys {
  /** AES-256. */
  sealing: Buffer;
  authentication: Buffer;
}

export async function deriveKeys(passphrase: string, { scrypt: { N, r, p, salt } }: BackupHeader): Promise<BackupKeys> {
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
  // The same letters may be typed as different bytes.
  const typed = passphrase.normalize("NFKC");
  const bytes = await derive(typed, Buffer.from(salt, "base64"), 64, { N, r, p, maxmem: 2 ** 20 + 256 * N * r });
  return { sealing: bytes.subarray(0, 32), authentication: bytes.subarray(32) };
}

/** The first bytes of the file. They also go into the seal of each chunk, so that no chunk fits another header. */
export function headerBytes(header: BackupHeader, { authentication }: BackupKeys): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const shown = Buffer.concat([magic, length, text]);
  return Buffer.concat([shown, authenticated(shown, authentication)]);
}

/** @throws ConfigError when the passphrase is another one than that of the file. */
export function checkPassphrase(bytes: Buffer, { authentication }: BackupKeys): void {
  const shown = bytes.subarray(0, -authenticationBytes);
  if (timingSafeEqual(bytes.subarray(-authenticationBytes), authenticated(shown, authentication))) return;
  throw new ConfigError("The passphrase does not open this backup (or its beginning is damaged). Nothing was touched.");
}

function authenticated(shown: Buffer, key: Buffer): Buffer {
  return createHmac("sha256", key).update(shown).digest();
}

/** Versions are numbers with dots; what stands behind the third says nothing of their order. */
function isNewer(one: string, other: string): boolean {
  const parts = (version: string) => version.split(/[.+-]/, 3).map(Number);
  const [ours, theirs] = [parts(other), parts(one)];
  const index = theirs.findIndex((part, place) => part !== ours[place]);
  return index !== -1 && (theirs[index] ?? 0) > (ours[index] ?? 0);
}
