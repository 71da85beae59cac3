import { createHash } from "node:crypto";
import type { Folder } from "../sandbox/folder.ts";

export const coreFileNames = ["SOUL", "BEHAVIOR", "USER", "MEMORY"] as const;
export type CoreFileName = (typeof coreFileNames)[number];

/** Characters that each may have: all of them stand in every prompt. */
export const coreFileBudgets: Record<CoreFileName, number> = {
  SOUL: 2_500,
  BEHAVIOR: 3_000,
  USER: 2_500,
  MEMORY: 5_000,
};

/** The markdown files that stand in every prompt. The agent writes them as it learns; any editor may. */
export interface CoreFiles {
  /** An absent file is an empty one. */
  read(name: CoreFileName): Promise<CoreFile>;
  /**
   * Replaces the file when it still has the hash `over`; the version before is kept in `memory/versions/`.
   * @throws when it was changed since, or the new content is over the budget: the message is for the model.
   */
  write(name: CoreFileName, content: string, over: string): Promise<void>;
}

export interface CoreFile {
  content: string;
  /** SHA-256 of the content. */
  hash: string;
}

const keptVersions = 50;

/** `owners`: the folder whose USER.md all agents share; it is read there, and written by the main agent alone. */
export function createCoreFiles(folder: Folder, now: () => Date, owners: Folder = folder): CoreFiles {
  const read = async (name: CoreFileName): Promise<CoreFile> => {
    const content = (await (name === "USER" ? owners : folder).read(`${name}.md`))?.toString("utf8") ?? "";
    return { content, hash: createHash("sha256").update(content).digest("hex") };
  };

  const write = async (name: CoreFileName, content: string, over: string): Promise<void> => {
    const old = await read(name);
    if (old.hash !== over) throw new Error(`${name}.md was changed since you read it: read it again, then write.`);
    if (old.content !== "") await keepVersion(folder, name, old.content, now());
    await folder.write(`${name}.md`, content);
  };
  let last: Promise<unknown> = Promise.resolve();

  return {
    read,
    async write(name, content, over) {
      if (name === "USER" && owners !== folder)
        throw new Error("USER.md is shared, and written by the main agent alone: put it into your MEMORY.md.");
      const budget = coreFileBudgets[name];
      if (content.length > budget)
        throw new Error(
          `${name}.md may have ${budget} characters and this has ${content.length}: shorten it, drop what no longer matters.`,
        );
      // One after the other: of two that have read the same, the second must be told.
      const mine = last.then(() => write(name, content, over));
      last = mine.catch(() => {});
      return mine;
    },
  };
}

async function keepVersion(folder: Folder, name: CoreFileName, content: string, at: Date): Promise<void> {
  const stamp = at.toISOString().replaceAll(":", "-");
  await folder.write(`memory/versions/${name}.${stamp}.md`, content);
  const versions = (await folder.list("memory/versions")).filter(({ path }) => path.includes(`/${name}.`));
  for (const { path } of versions.slice(0, -keptVersions)) await folder.remove(path);
}
