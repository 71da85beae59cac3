import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** What stands in a tree: a file's words, a link's target (`120000`), or another repository's commit (`160000`). */
export type TreeEntry = { path: string; mode?: "100644" | "100755" | "120000"; content: string | Buffer } | Submodule;
type Submodule = { path: string; mode: "160000"; commit: string };

/** Makes a bare repository whose only commit holds these entries, whatever a careful git would say of their names. */
export function makeRepository(directory: string, name: string, entries: readonly TreeEntry[]): string {
  const path = join(directory, name);
  const git = (args: string[], input?: string | Buffer): string =>
    execFileSync("git", ["-C", path, "-c", "core.protectNTFS=false", "-c", "core.protectHFS=false", ...args], {
      input: input ?? "",
      env: { PATH: process.env.PATH, ...author },
      maxBuffer: 2 ** 30,
    })
      .toString()
      .trim();
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", path]);

  const write = (entry: TreeEntry): string =>
    "commit" in entry ? entry.commit : git(["hash-object", "-w", "--stdin"], entry.content);
  const tree = (under: readonly { parts: string[]; entry: TreeEntry }[]): string => {
    const names = [...new Set(under.map(({ parts }) => parts[0] ?? ""))];
    const lines = names.map((one): string => {
      const inside = under.filter(({ parts }) => parts[0] === one);
      const [first] = inside;
      if (first?.parts.length === 1) return treeLine(first.entry, write(first.entry), one);
      const inner = tree(inside.map(({ parts, entry }) => ({ parts: parts.slice(1), entry })));
      return `040000 tree ${inner}\t${one}`;
    });
    return git(["mktree", "-z", "--missing"], lines.map((line) => `${line}\0`).join(""));
  };
  const root = tree(entries.map((entry) => ({ parts: entry.path.split("/"), entry })));
  const commit = git(["commit-tree", root, "-m", "first"]);
  git(["update-ref", "refs/heads/main", commit]);
  return path;
}

function treeLine(entry: TreeEntry, id: string, name: string): string {
  return `${entry.mode ?? "100644"} ${"commit" in entry ? "commit" : "blob"} ${id}\t${name}`;
}

const author = {
  ...{ GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.com", GIT_AUTHOR_DATE: "1700000000 +0000" },
  ...{ GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.com", GIT_COMMITTER_DATE: "1700000000 +0000" },
  ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
};
