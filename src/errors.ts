/** Thrown for anything the owner can put right. The message is one sentence that says how. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Thrown for a command line that cannot be understood. */
export class UsageError extends ConfigError {
  override name = "UsageError";
}

/** What is wrong with the disk and what to do, in a sentence; undefined for an error that is not the disk's. */
export function diskProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode = 0 } = error as { code?: unknown; errcode?: number };
  const sqlite = { readOnly: 8, inputOutput: 10, full: 13 };
  const primary = errcode & 0xff;
  if (code === "ENOSPC" || code === "EDQUOT" || primary === sqlite.full)
    return "The disk is full: make room where Memtrix keeps its data. What was kept before is not lost.";
  if (code === "EROFS" || primary === sqlite.readOnly)
    return "The disk is read-only: Memtrix must be able to write where it keeps its data.";
  if (code === "EIO" || code === "EFBIG" || primary === sqlite.inputOutput)
    return `The disk cannot be written (${error.message}): it may be full or failing. See to it, then start Memtrix again.`;
  return diskProblem(error.cause);
}

/** What the system does not let this program do to a file, and what to do, in a sentence; undefined for other errors. */
export function accessProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  if ((code === "EACCES" || code === "EPERM") && path !== undefined)
    return `${path} is closed to this program by its permissions: make it this user's with: sudo chown -R $(id -u) on its folder`;
  if (code === "EMFILE" || code === "ENFILE")
    return "Too many files are open: this program must be allowed to open more (ulimit -n).";
  return accessProblem(error.cause);
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
