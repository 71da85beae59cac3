/** What opens an encrypted file; each in base64, the key in its form for addresses. */
export interface SealedKeys {
  key: string;
  iv: string;
  /** Of the encrypted bytes. */
  sha256: string;
}

/** The lower half of the counter counts blocks, so it begins at nothing. */
const counterBits = 64;
const algorithm = "AES-CTR";

/** The bytes that were encrypted. Throws when these are others than the sender's. */
export async function openSealed(sealed: Uint8Array, { key, iv, sha256 }: SealedKeys): Promise<Uint8Array> {
  const bytes = ownBytes(sealed);
  if ((await hashOf(bytes)) !== sha256.replace(/=+$/, ""))
    throw new Error("The file was changed on its way: it is not the one that was sent.");
  const raw = ownBytes(Buffer.from(key, "base64url"));
  const secret = await crypto.subtle.importKey("raw", raw, algorithm, false, ["decrypt"]);
  const counter = ownBytes(Buffer.from(iv, "base64"));
  return new Uint8Array(await crypto.subtle.decrypt({ name: algorithm, counter, length: counterBits }, secret, bytes));
}

/** Encrypts with a key of its own. `keys` is the `file` of a message's content, save its `url`. */
export async function seal(bytes: Uint8Array) {
  const counter = new Uint8Array(16);
  crypto.getRandomValues(counter.subarray(0, 8));
  const secret = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, true, ["encrypt", "decrypt"]);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: algorithm, counter, length: counterBits }, secret, ownBytes(bytes)),
  );
  const { k } = await crypto.subtle.exportKey("jwk", secret);
  const keys = {
    v: "v2",
    key: { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["encrypt", "decrypt"], k },
    iv: unpadded(counter),
    hashes: { sha256: await hashOf(sealed) },
  };
  return { sealed, keys };
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return unpadded(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** Web crypto takes no view of memory that is shared. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}
