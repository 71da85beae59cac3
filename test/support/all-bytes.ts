import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every way in which a text may stand in a file. */
function forms(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Of base64 the letters depend on where the text begins; the first and the last may hold bits of what is beside.
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before, 65), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(before === 0 ? 0 : 4, -4);
  });
  return [
    bytes,
    Buffer.from(text, "utf16le"),
    Buffer.from(bytes.toString("hex")),
    ...base64.map((one) => Buffer.from(one)),
  ];
}

/** The files below these folders that have one of the texts in them, in any letter case or encoding: `path: text`. */
export function filesWith(texts: readonly string[], ...folders: string[]): string[] {
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap(({ parentPath, name }) => {
        const path = join(parentPath, name);
        const bytes = readFileSync(path);
        const small = Buffer.from(bytes.toString("latin1").toLowerCase(), "latin1");
        return texts
          .filter((text) => forms(text).some((form) => bytes.includes(form)) || small.includes(text.toLowerCase()))
          .map((text) => `${path}: ${text}`);
      }),
  );
}
