import { quoted } from "./visible.ts";

const reasons: Record<string, string> = {
  ENOENT: "is not there any more",
  ENOTDIR: "is not a folder",
  ELOOP: "is a link, and links are not followed",
  EISDIR: "is a folder, not a file",
  EACCES: "is closed to this program by its permissions",
  EPERM: "is closed to this program by its permissions",
  EROFS: "lies on a disk that is read-only",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: the disk's quota is used up",
  EFBIG: "is larger than the disk allows",
  ENXIO: "is not a regular file",
  EMFILE: "cannot be opened: this program has too many files open",
  ENFILE: "cannot be opened: the system has too many files open",
  ENOTEMPTY: "was written to while it was being removed",
  ESTALE: "was moved while it was in use",
  EIO: "cannot be reached: the disk reports an error",
};

/** What the system said about `path`, as one sentence without host paths. Other errors stay as they are. */
export function refusal(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return new Error(`${quoted(path)} ${reasons[code] ?? `cannot be used (${code})`}.`, { cause: error });
}

/** The system's word for what went wrong; undefined for an error that is not the system's. */
export function codeOf(error: unknown): string | undefined {
  const isSystemError = error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
  return isSystemError ? String(error.code) : undefined;
}
