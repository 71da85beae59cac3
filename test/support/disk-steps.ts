import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** One thing that a program did to the files of a folder, or said. Paths are absolute. */
export type DiskStep =
  | { kind: "open"; path: string; creates: boolean; empties: boolean }
  | { kind: "write"; path: string; at: number | "end"; bytes: Buffer }
  | { kind: "cut"; path: string; size: number }
  | { kind: "flush"; path: string }
  | { kind: "rename"; from: string; to: string }
  | { kind: "remove"; path: string }
  | { kind: "folder"; path: string }
  | { kind: "said"; text: string };

const calls = [
  ...["openat", "close", "lseek", "write", "pwrite64", "writev", "pwritev", "ftruncate", "fsync", "fdatasync"],
  ...["rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"],
  ...["copy_file_range", "sendfile", "link", "linkat", "symlink", "fallocate"],
];

/** What starts a program so that each of its threads leaves a file `PREFIX.NUMBER` that `readDiskSteps` understands. */
export function tracingDisk(prefix: string): string[] {
  // A file a thread with the time of each call: in one file the calls of several threads would be cut in two.
  const form = ["-ff", "-ttt", "-y", "-xx", "-s", "10000000"];
  return ["strace", "-qq", ...form, "-e", `trace=${calls.join()}`, "-e", "signal=none", "-o", prefix];
}

/** The steps that concern `folder`, in their order. Throws at one that is not understood. */
export function readDiskSteps(prefix: string, folder: string): DiskStep[] {
  const lines = readdirSync(dirname(prefix))
    .filter((name) => name.startsWith(`${basename(prefix)}.`))
    .flatMap((name) => readFileSync(join(dirname(prefix), name), "latin1").split("\n"))
    .map((line) => /^(\d+\.\d+) (\w+)\((.*)\)\s+= (-?\d+)(?:<(.*?)>)?/.exec(line))
    .filter((match) => match !== null)
    .map(([, time, call = "", given = "", result, opened = ""]) => ({
      ...{ time: Number(time), call, given: given.split(/, (?![^"]*"(?:, |$))/), result: Number(result) },
      opened: textOf(opened),
    }))
    .filter(({ result }) => result >= 0)
    .sort((a, b) => a.time - b.time);

  const open = new Map<string, { path: string; appends: boolean; at: number }>();
  /** Files are named by way of an open folder, too. */
  const named = (path: string): string => {
    const [, number = "", rest = ""] = /^\/proc\/self\/fd\/(\d+)(.*)$/s.exec(path) ?? [];
    return number === "" ? path : `${open.get(number)?.path ?? "?"}${rest}`;
  };
  const isOurs = (path: string | undefined): path is string => path === folder || !!path?.startsWith(`${folder}/`);

  const stepsOf = ({ call, given, result, opened }: (typeof lines)[number]): DiskStep[] => {
    const [first = "", second = ""] = given;
    const [, number = "", shown = ""] = /^(-?\d+)(?:<(.*)>)?$/.exec(first) ?? [];
    const path = number === "" ? named(textOf(first)) : textOf(shown);
    const file = open.get(number);
    switch (call) {
      case "openat": {
        const flags = given.find((one) => one.startsWith("O_")) ?? "";
        open.set(String(result), { path: opened, appends: flags.includes("O_APPEND"), at: 0 });
        const [creates, empties] = [flags.includes("O_CREAT"), flags.includes("O_TRUNC")];
        return isOurs(opened) && (creates || empties) ? [{ kind: "open", path: opened, creates, empties }] : [];
      }
      case "close":
        // Its number may be another file's already, which another thread has opened.
        if (file?.path === path) open.delete(number);
        return [];
      case "lseek":
        if (file) file.at = result;
        return [];
      case "write":
      case "writev":
      case "pwrite64":
      case "pwritev": {
        const bytes = bytesOf(given.slice(1).join()).subarray(0, result);
        if (number === "1") return [{ kind: "said", text: bytes.toString() }];
        if (!isOurs(path)) return [];
        if (call.startsWith("p")) return [{ kind: "write", path, at: Number(given.at(-1)), bytes }];
        if (!file) throw new Error(`${path} was written, and never opened.`);
        const at = file.appends ? "end" : file.at;
        file.at += result;
        return [{ kind: "write", path, at, bytes }];
      }
      case "ftruncate":
        return isOurs(path) ? [{ kind: "cut", path, size: Number(second) }] : [];
      case "fsync":
      case "fdatasync":
        return isOurs(path) ? [{ kind: "flush", path }] : [];
      case "rename":
        return isOurs(path) ? [{ kind: "rename", from: path, to: named(textOf(second)) }] : [];
      case "unlink":
      case "rmdir":
        return isOurs(path) ? [{ kind: "remove", path }] : [];
      case "mkdir":
        return isOurs(path) ? [{ kind: "folder", path }] : [];
      default:
        if (given.some((one) => isOurs(named(textOf(one.replace(/^\d+</, "").replace(/>$/, ""))))))
          throw new Error(`${call} is not understood: ${given.map(textOf).join(" ")}`);
        return [];
    }
  };
  return lines.flatMap(stepsOf);
}

function textOf(written: string): string {
  return written.includes("\\x") ? bytesOf(written).toString() : written.replace(/^"|"$/g, "");
}

/** All bytes of one call, whichever parts they stood in. */
function bytesOf(written: string): Buffer {
  return Buffer.from((written.match(/\\x[0-9a-f]{2}/g) ?? []).map((byte) => byte.slice(2)).join(""), "hex");
}
