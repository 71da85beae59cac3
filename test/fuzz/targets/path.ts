import { openFolder } from "../../../src/sandbox/folder.ts";
import { downloadNameProblem } from "../../../src/sandbox/names.ts";
import { openWorkspace, type Workspace } from "../../../src/sandbox/workspace.ts";
import { canary, createPlace } from "../../support/place.ts";
import { check, type FuzzTarget } from "../fuzz-target.ts";
import type { Random } from "../random.ts";
import { spoil } from "../spoil.ts";

const laid = "file:a/b/note.md;file:plan.txt;dir:empty;ln:$OUT>out;ln:$OUT/secret>link;hard:plan.txt>second;fifo:pipe";
const paths = ["a/b/note.md", "plan.txt", "empty", "out/secret", "link", "second", "pipe", "new/er/file.md", "SOUL.md"];
const pieces = [
  "../",
  "..",
  "out/",
  "/etc/passwd",
  ".git/",
  "memory/",
  "CON",
  "~",
  "$HOME",
  "．．",
  "%2e%2e/",
  "./",
  "a/b/",
];

/** What an agent may do with a path; each gives what it has seen. */
const operations: ((workspace: Workspace, path: string) => Promise<unknown>)[] = [
  async (workspace, path) => (await workspace.readFile(path)).bytes.toString(),
  (workspace, path) => workspace.writeFile(path, "written", { overwrite: true }),
  (workspace, path) => workspace.writeFile(path, "written", { overwrite: false }),
  (workspace, path) => workspace.list(path, { depth: 40, limit: 50 }),
  (workspace, path) => workspace.stat(path),
  (workspace, path) => workspace.makeDirectory(path),
  (workspace, path) => workspace.deleteFile(path),
  (workspace, path) => workspace.deleteDirectory(path),
];

/** How many trials one folder serves before it is laid out anew. */
const trialsOfFolder = 200;

/** Paths, on a real folder with links out of it. */
export const pathTarget: FuzzTarget = {
  name: "path",
  async open() {
    let trials = 0;
    let place = createPlace();
    let workspace = await lay();

    async function lay(): Promise<Workspace> {
      place.lay(laid);
      return openWorkspace({ folder: await openFolder(place.root), origins: new Map() });
    }

    async function trial(random: Random): Promise<void> {
      trials += 1;
      if (trials % trialsOfFolder === 0) {
        place[Symbol.dispose]();
        place = createPlace();
        workspace = await lay();
      }
      const path = spoil(random.pick(paths), random, pieces);
      const problem = downloadNameProblem(path);
      check(problem === undefined || /^[^\n]+\.$/.test(problem), "What is said of a name is no sentence", problem);
      const seen = await random
        .pick(operations)(workspace, path)
        .catch((error: unknown) => {
          const { message } = error as Error;
          const isSentence =
            /^[^\n]{10,300}\.$/.test(message) && !message.includes(place.root) && !message.includes("/proc/");
          check(isSentence, `The refusal is no clean sentence (${message})`, path);
        });
      check(!JSON.stringify(seen ?? "").includes(canary), "The file outside was read", path);
      check(place.outsideIsUntouched(), "The folder outside was changed", path);
    }

    return { trial, [Symbol.asyncDispose]: async () => place[Symbol.dispose]() };
  },
};
