import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Egress } from "./egress.ts";
import { EgressError } from "./egress-error.ts";
import { folderSize } from "./folder-size.ts";
import { startGit } from "./git.ts";
import { type GitFile, listFiles, readFiles } from "./git-objects.ts";

/** Brings repositories, from https addresses that the rules allow. */
export interface Git {
  /** Throws a sentence for the model, or the signal's reason. */
  clone(address: string, signal: AbortSignal): Promise<Repository>;
}

export interface GitSettings {
  egress: Pick<Egress, "judge" | "resolve">;
  /** The folder for what is fetched. What a killed program left in it is removed. */
  temporary: string;
  /** A file with the certificates that count, where the system's do not. */
  certificates?: string;
  limits?: Partial<CloneLimits>;
}

export async function openGit({ egress, temporary, certificates, limits }: GitSettings): Promise<Git> {
  await rm(temporary, { recursive: true, force: true });
  return {
    async clone(address, signal) {
      const judgement = egress.judge(address);
      if (!judgement.allow) throw new EgressError(`The address is refused: ${judgement.rule}.`);
      const { protocol, origin } = new URL(judgement.address);
      if (protocol !== "https:") throw new EgressError(`${origin} is not asked: repositories come over https only.`);
      // git and its helpers speak in lines.
      if (hasControl(judgement.address)) throw new EgressError(`${origin} is not asked: the address hides a new line.`);
      const pinned = await egress.resolve(address, signal);
      await mkdir(temporary, { recursive: true, mode: 0o700 });
      return cloneRepository(judgement.address, { pinned, temporary, limits, certificates, signal });
    },
  };
}

function hasControl(address: string): boolean {
  return /%[01][0-9a-f]|%7f/i.test(address) || /\p{Cc}/u.test(address);
}

/** The newest state of a repository, as it stands in git's own store: nothing of it was checked out, nothing was run. */
export interface Repository extends AsyncDisposable {
  /** Regular files, in git's order. */
  files: readonly GitFile[];
  /** What is there beside them: links and submodules. */
  leftOut: readonly string[];
  /** The content of these files, one after the other. */
  read(files: readonly GitFile[]): AsyncIterable<{ path: string; bytes: Buffer }>;
}

export interface CloneOptions {
  /** Judged and resolved already: what git connects to, whatever the name says by then. */
  pinned: { host: string; port: number; addresses: readonly string[] };
  /** The folder in which a temporary one is made. */
  temporary: string;
  limits?: Partial<CloneLimits> | undefined;
  /** A file with the certificates that count, where the system's do not. */
  certificates?: string | undefined;
  signal: AbortSignal;
}

export interface CloneLimits {
  totalMs: number;
  /** How long a server may send less than 1,000 bytes a second. */
  slowSeconds: number;
  /** On the disk and in all files together. */
  bytes: number;
  files: number;
}

const defaultLimits: CloneLimits = { totalMs: 120_000, slowSeconds: 20, bytes: 2 * 1024 ** 3, files: 10_000 };

/** How often the folder is measured while git fills it. */
const measureMs = 250;

/**
 * Fetches a repository, one commit deep, from an https address. Throws when it cannot be had within the limits; the
 * partial folder is removed then.
 */
export async function cloneRepository(
  address: string,
  { pinned, temporary, limits: given, certificates, signal }: CloneOptions,
): Promise<Repository> {
  const limits = { ...defaultLimits, ...given };
  const directory = await mkdtemp(join(temporary, "clone-"));
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    const tooMuch = new AbortController();
    const patience = AbortSignal.any([signal, AbortSignal.timeout(limits.totalMs), tooMuch.signal]);
    const measuring = setInterval(async () => {
      if ((await folderSize(directory)) > limits.bytes) tooMuch.abort(new Error(tooLarge(limits)));
    }, measureMs);
    const ipv6 = (one: string): string => (one.includes(":") ? `[${one}]` : one);
    const pin = `${pinned.host}:${pinned.port}:${pinned.addresses.map(ipv6).join(",")}`;
    const settings = [
      ...[`http.curloptResolve=${pin}`, "http.lowSpeedLimit=1000", `http.lowSpeedTime=${limits.slowSeconds}`],
      ...(certificates ? [`http.sslCAInfo=${certificates}`] : []),
    ];
    try {
      await startGit(cloneArguments(address), { directory, settings, signal: patience }).ended;
    } catch (error) {
      if (isTimeout(error)) throw new Error(`The repository took longer than ${limits.totalMs / 1000} s.`);
      throw error;
    } finally {
      clearInterval(measuring);
    }
    const store = { directory, repository: "repository", signal };
    const { files, leftOut } = await listFiles(store, limits.files);
    if (files.reduce((sum, { bytes }) => sum + bytes, 0) > limits.bytes) throw new Error(tooLarge(limits));
    return { files, leftOut, read: (chosen) => readFiles(store, chosen), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** `--bare`: without a working tree there is nothing that a checkout could be tricked into. */
function cloneArguments(address: string): string[] {
  const shallow = ["--depth", "1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="];
  return ["clone", "--quiet", "--bare", ...shallow, "--", address, "repository"];
}

function tooLarge({ bytes }: CloneLimits): string {
  return `The repository has more than ${Math.round(bytes / 1024 ** 2)} MiB.`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
