import { createHash } from "node:crypto";
import type { Origin } from "../src/origin.ts";
import { quoted } from "../src/sandbox/visible.ts";
import type { ToolContext, ToolOutput } from "../src/tool.ts";
import { sized } from "./_amounts.ts";

interface PictureFile {
  path: string;
  bytes: Buffer;
  origin: Origin;
  /** As its bytes say. */
  format: string;
}

const shownFormats = new Set(["PNG", "JPEG", "GIF", "WebP"]);

/** What a picture is, and, for a model that sees, the picture. It may hold words, so it is of its file's origin as they are. */
export async function pictureFile(
  { path, bytes, origin, format }: PictureFile,
  { reader, sees }: Pick<ToolContext, "reader" | "sees">,
): Promise<ToolOutput> {
  if (!shownFormats.has(format))
    return { text: `${quoted(path)} is a picture (${format}, ${sized(bytes.length)}) of a form that cannot be shown.` };
  const { width, height } = await reader.pictureSize(bytes);
  const what = `${quoted(path)} is a picture (${format}, ${width} × ${height} pixels, ${sized(bytes.length)}).`;
  if (!(await sees()))
    return { text: `${what} You cannot see pictures: say so. With /model a model can be chosen that does.` };
  const { tokens } = await reader.pictureForModel(bytes);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const text = `${what} It is shown to you after this, until you have answered; read_file shows it again.`;
  return { text, origin, picture: { path, hash, tokens } };
}
