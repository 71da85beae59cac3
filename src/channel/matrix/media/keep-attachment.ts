import type { Attachment } from "../media.ts";
import { numbered } from "./attachment-name.ts";

/** Puts a new file at a path of the workspace; false when there is one already. Throws when it cannot be written. */
export type SaveNew = (path: string, bytes: Uint8Array) => Promise<boolean>;

const folder = "attachments";
const mostOfOneName = 1000;

/** Keeps it in `attachments/` under its own name, numbered where that is taken. Gives the path in the workspace. */
export async function keepAttachment({ name, bytes }: Attachment, save: SaveNew): Promise<string> {
  for (let number = 1; number <= mostOfOneName; number++) {
    const path = `${folder}/${number === 1 ? name : numbered(name, number)}`;
    if (await save(path, bytes)) return path;
  }
  throw new Error(`There are ${mostOfOneName} attachments of this name; delete some.`);
}
