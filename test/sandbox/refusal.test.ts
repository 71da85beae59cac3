import { describe, expect, it } from "vitest";
import { codeOf, refusal } from "../../src/sandbox/refusal.ts";

const system = (code: unknown) => Object.assign(new Error("/host/path says no"), { code });

describe("what the system says against a path", () => {
  it.each([
    ["ENOENT", "is not there any more"],
    ["ENOTDIR", "is not a folder"],
    ["ELOOP", "is a link, and links are not followed"],
    ["EISDIR", "is a folder, not a file"],
    ["EACCES", "is closed to this program by its permissions"],
    ["EPERM", "is closed to this program by its permissions"],
    ["EROFS", "lies on a disk that is read-only"],
    ["ENOSPC", "cannot be written: the disk is full"],
    ["EDQUOT", "cannot be written: the disk's quota is used up"],
    ["EFBIG", "is larger than the disk allows"],
    ["ENXIO", "is not a regular file"],
    ["EMFILE", "cannot be opened: this program has too many files open"],
    ["ENFILE", "cannot be opened: the system has too many files open"],
    ["ENOTEMPTY", "was written to while it was being removed"],
    ["ESTALE", "was moved while it was in use"],
    ["EIO", "cannot be reached: the disk reports an error"],
    ["EWHATEVER", "cannot be used (EWHATEVER)"],
  ])("%s is told without the host's paths: %s", (code, words) => {
    const cause = system(code);
    expect(refusal("a/b", cause)).toMatchObject({ message: `\`a/b\` ${words}.`, cause });
  });

  it.each([new Error("ours"), system("ERR_INVALID_ARG_TYPE"), system("xEIO"), system(7), "EIO", undefined])(
    "%s is not the system's, and stays as it is",
    (error) => {
      expect(codeOf(error)).toBeUndefined();
      expect(refusal("a", error)).toBe(error);
    },
  );
});
