import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** The `file` of a message whose attachment is encrypted, by the Client-Server API's "Sending encrypted attachments". */
export interface EncryptedFile {
  url: string;
  v: "v2";
  key: { kty: "oct"; alg: "A256CTR"; ext: true; key_ops: string[]; k: string };
  iv: string;
  hashes: { sha256: string };
}

export function encryptFile(bytes: Uint8Array): { sealed: Buffer; keys: Omit<EncryptedFile, "url"> } {
  const key = randomBytes(32);
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]); // The lower half counts the blocks.
  const cipher = createCipheriv("aes-256-ctr", key, iv);
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return {
    sealed,
    keys: {
      v: "v2",
      key: { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["encrypt", "decrypt"], k: key.toString("base64url") },
      iv: unpadded(iv),
      hashes: { sha256: hashOf(sealed) },
    },
  };
}

/** Throws when the bytes are not those that were encrypted. */
export function decryptFile(sealed: Uint8Array, { key, iv, hashes }: EncryptedFile): Buffer {
  if (hashOf(sealed) !== hashes.sha256) throw new Error("the attachment was changed on its way");
  const cipher = createDecipheriv("aes-256-ctr", Buffer.from(key.k, "base64url"), Buffer.from(iv, "base64"));
  return Buffer.concat([cipher.update(sealed), cipher.final()]);
}

const hashOf = (bytes: Uint8Array): string => unpadded(createHash("sha256").update(bytes).digest());
const unpadded = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
