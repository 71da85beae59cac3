import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every way in which a text, or bytes, may stand in a file. */
function forms(content: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(content);
  // Of base64 the letters depend on where the text begins; the first and the last may hold bits of what is beside.
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before, 65), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(before === 0 ? 0 : 4, -4);
  });
  return [
    bytes,
    ...(typeof content === "string" ? [Buffer.from(content, "utf16le")] : []),
    Buffer.from(bytes.toString("hex")),
    ...base64.map((one) => Buffer.from(one)),
  ];
}

/**
 * The files below these folders that have one of the contents in them, a text in any letter case, all in any encoding:
 * `path: text`, bytes in hexadecimal.
 */
export function filesWith(contents: readonly (string | Uint8Array)[], ...folders: string[]): string[] {
  const wanted = contents.map((content) => ({ name: nameOf(content), small: smallOf(content), forms: forms(content) }));
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap(({ parentPath, name }) => {
        const path = join(parentPath, name);
        const bytes = readFileSync(path);
        const small = Buffer.from(bytes.toString("latin1").toLowerCase(), "latin1");
        return wanted
          .filter(
            ({ forms, small: text }) => forms.some((form) => bytes.includes(form)) || (text && small.includes(text)),
          )
          .map(({ name }) => `${path}: ${name}`);
      }),
  );
}

const nameOf = (content: string | Uint8Array) =>
  typeof content === "string" ? content : Buffer.from(content).toString("hex");
const smallOf = (content: string | Uint8Array) => (typeof content === "string" ? content.toLowerCase() : undefined);
