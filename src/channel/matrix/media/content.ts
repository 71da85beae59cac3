import { z } from "zod";
import type { SealedKeys } from "./sealed.ts";

/** What the content of a message tells of its file. */
export interface ToldAttachment {
  name: string;
  mimetype: string | undefined;
  size: number | undefined;
  /** `mxc://…`, unchecked. */
  address: string;
  /** How to decrypt it. */
  sealed: SealedKeys | undefined;
}

const text = z.string().optional().catch(undefined);
const keys = z.object({
  url: z.string(),
  v: z.literal("v2"),
  key: z.object({ alg: z.literal("A256CTR"), kty: z.literal("oct"), k: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  iv: z.string().regex(/^[A-Za-z0-9+/]{22}(?:==)?$/),
  hashes: z.object({ sha256: z.string().regex(/^[A-Za-z0-9+/]{43}=?$/) }),
});
const attachment = z.object({
  body: text,
  filename: text,
  info: z
    .object({
      mimetype: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,100}$/i)
        .optional()
        .catch(undefined),
      size: z.number().nonnegative().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Throws a sentence for a file whose keys are not in the one form that there is. */
export function readAttachment(content: Record<string, unknown>): ToldAttachment {
  const { body, filename, info } = attachment.parse(content);
  const told = { name: filename ?? body ?? "", mimetype: info?.mimetype?.toLowerCase(), size: info?.size };
  if (content.file === undefined) {
    if (typeof content.url !== "string") throw new Error("The message names no file.");
    return { ...told, address: content.url, sealed: undefined };
  }
  const sealed = keys.safeParse(content.file);
  if (!sealed.success) throw new Error("The file cannot be decrypted: its key is not in the form that Matrix has.");
  const { url, key, iv, hashes } = sealed.data;
  return { ...told, address: url, sealed: { key: key.k, iv, sha256: hashes.sha256 } };
}
