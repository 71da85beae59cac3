import type { EgressResponse } from "../src/egress/egress.ts";
import { downloadNameProblem } from "../src/sandbox/names.ts";
import type { Workspace } from "../src/sandbox/workspace.ts";

const longestBytes = 200;
const folder = "downloads";

/** What to call a download: as asked, as the server says, as the address ends, or just that. Safe as a name in every case. */
export function downloadName(
  asked: string | undefined,
  { filename, address, contentType }: Pick<EgressResponse, "filename" | "address" | "contentType">,
): string {
  const problem = asked === undefined ? undefined : downloadNameProblem(asked);
  if (problem) throw new Error(`It cannot be called that: ${problem}`);
  if (asked !== undefined) return asked;
  const named = [filename, lastSegment(address)].map((name) => tamed(name ?? "")).find((name) => name !== "");
  if (named === undefined) return `download${endings[contentType.split(";", 1)[0]?.trim() ?? ""] ?? ""}`;
  return named;
}

/** Where a file of this name may be written: never over one that is there. */
export async function freePath(workspace: Pick<Workspace, "stat">, name: string): Promise<string> {
  const [, base = name, ending = ""] = /^(.+?)((?:\.tar)?\.[^.]{1,10})?$/s.exec(name) ?? [];
  for (let number = 1; number <= 1_000; number += 1) {
    const path = `${folder}/${number === 1 ? name : `${base} (${number})${ending}`}`;
    if (!(await workspace.stat(path))) return path;
  }
  throw new Error(`There are too many files named like this in ${folder}/ already: give another filename.`);
}

const endings: Record<string, string> = {
  ...{ "text/html": ".html", "text/plain": ".txt", "text/csv": ".csv", "application/json": ".json" },
  ...{ "application/pdf": ".pdf", "application/zip": ".zip", "application/xml": ".xml", "text/xml": ".xml" },
  ...{ "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg" },
  ...{ "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "video/mp4": ".mp4", "video/webm": ".webm" },
};

function lastSegment(address: string): string {
  const segment = new URL(address).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The nearest name that every system takes; empty when nothing is left of it. */
function tamed(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .normalize("NFKC")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{DI}\p{Zl}\p{Zp}]|[<>:"/\\|?*]/gu, "_")
    .replace(/^[.\-\s]+|[.\s]+$/g, "");
  const short = shortened(plain);
  return downloadNameProblem(short) === undefined ? short : "";
}

/** The end, which says what it is, is kept. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestBytes) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? "";
  const base = [...name.slice(0, name.length - ending.length)];
  while (Buffer.byteLength(base.join("")) > longestBytes - Buffer.byteLength(ending)) base.pop();
  return base.join("") + ending;
}
