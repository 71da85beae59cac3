import type { Origin } from "../origin.ts";
import type { Entry } from "./folder.ts";

/**
 * An agent's own files, as its tools see them. AGENT.md, the core files, `memory/` and `.git` are not there; names that
 * some system would misread are refused. Every failure is one short sentence for the model.
 */
export interface Workspace {
  readFile(path: string): Promise<WorkspaceFile>;
  /** `overwrite: false` throws when the file is there already. */
  writeFile(path: string, data: string | Uint8Array, options: { overwrite: boolean }): Promise<void>;
  deleteFile(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  deleteDirectory(path: string): Promise<void>;
  stat(path: string): Promise<Entry | undefined>;
  /** `path` may be "" or "." for the whole workspace. */
  list(path: string, options?: { depth?: number; limit?: number }): Promise<Entry[]>;
  /** The same workspace, where what is written is marked with the origin that `origin()` gives at that moment. */
  writingAs(origin: () => Origin): Workspace;
}

export interface WorkspaceFile {
  bytes: Buffer;
  /** Where its content comes from; `owner` when nobody marked it. */
  origin: Origin;
}

/** Where the marks are kept: outside the workspace. */
export interface FileOrigins {
  get(path: string): Origin | undefined;
  set(path: string, origin: Origin): void;
  delete(path: string): void;
}
