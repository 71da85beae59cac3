import { startGit } from "./git.ts";

/** A file as git keeps it. */
export interface GitFile {
  path: string;
  /** Its object's id. */
  id: string;
  bytes: number;
}

/** A repository in its folder. */
export interface GitStore {
  directory: string;
  /** Its name within the folder. */
  repository: string;
  signal: AbortSignal;
}

/** What the newest commit holds. Throws when there are more than `most` files; an empty repository has none. */
export async function listFiles(
  { directory, repository, signal }: GitStore,
  most: number,
): Promise<{ files: GitFile[]; leftOut: string[] }> {
  const enough = new AbortController();
  const patience = AbortSignal.any([signal, enough.signal]);
  const head = startGit([`--git-dir=${repository}`, "rev-parse", "--verify", "--quiet", "HEAD"], { directory, signal });
  if (!(await head.ended.then(() => true, rethrowIfAborted(signal)))) return { files: [], leftOut: [] };

  const listing = [`--git-dir=${repository}`, "ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD"];
  const { child, ended } = startGit(listing, { directory, signal: patience });
  const files: GitFile[] = [];
  const leftOut: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8");
  for await (const text of child.stdout) {
    const lines = (rest + text).split("\0");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, mode = "", kind, id = "", bytes, path = ""] = entry.exec(line) ?? [];
      if (kind === "blob" && mode !== "120000") files.push({ path, id, bytes: Number(bytes) });
      else leftOut.push(path);
    }
    if (files.length + leftOut.length > most) {
      enough.abort(new Error(`The repository has more than ${most.toLocaleString("en-US")} files.`));
      break;
    }
  }
  await ended;
  return { files, leftOut };
}

/** `mode kind id size\tpath` */
const entry = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s;

function rethrowIfAborted(signal: AbortSignal): () => false {
  return () => {
    signal.throwIfAborted();
    return false;
  };
}

/** The content of the files in the order given. Each is in memory whole, one at a time. */
export async function* readFiles(
  { directory, repository, signal }: GitStore,
  files: readonly GitFile[],
): AsyncGenerator<{ path: string; bytes: Buffer }> {
  if (files.length === 0) return;
  const ending = new AbortController();
  const patience = AbortSignal.any([signal, ending.signal]);
  const { child, ended } = startGit([`--git-dir=${repository}`, "cat-file", "--batch"], {
    directory,
    signal: patience,
  });
  try {
    const output = readExactly(child.stdout);
    for (const { path, id } of files) {
      child.stdin.write(`${id}\n`);
      const header = await output.line();
      const bytes = /^[0-9a-f]+ blob (\d+)$/.exec(header)?.[1];
      if (bytes === undefined) throw new Error("git cannot read what it has fetched.");
      const content = await output.bytes(Number(bytes));
      await output.bytes(1);
      yield { path, bytes: content };
    }
    child.stdin.end();
    await ended;
  } finally {
    ending.abort();
  }
}

/** Reads a stream by lines and by lengths in turn. */
function readExactly(stream: AsyncIterable<Buffer>): {
  line(): Promise<string>;
  bytes(count: number): Promise<Buffer>;
} {
  const chunks = stream[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let length = 0;

  async function more(): Promise<void> {
    const { value, done } = await chunks.next();
    if (done) throw new Error("git ended in the middle of a file.");
    held.push(value);
    length += value.length;
  }

  function take(count: number): Buffer {
    const whole = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
    const rest = whole.subarray(count);
    held = rest.length > 0 ? [rest] : [];
    length = rest.length;
    return whole.subarray(0, count);
  }

  return {
    async line() {
      for (;;) {
        const end = held.length > 0 ? Buffer.concat(held).indexOf(0x0a) : -1;
        if (end !== -1) return take(end + 1).toString("utf8", 0, end);
        await more();
      }
    },
    async bytes(count) {
      while (length < count) await more();
      // A copy: what is held on to would keep the whole chunk in memory.
      return Buffer.from(take(count));
    },
  };
}
