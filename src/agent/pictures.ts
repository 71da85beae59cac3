import { createHash } from "node:crypto";
import type { FilePart, ModelMessage, TextPart, ToolModelMessage, ToolResultPart } from "ai";
import { z } from "zod";
import type { PageReader } from "../reader/reader.ts";
import { quoted } from "../sandbox/visible.ts";
import type { Workspace } from "../sandbox/workspace.ts";
import type { Picture } from "../tool.ts";

/**
 * Gives the messages with the pictures that results name, each after the result: as words of the person, because most
 * servers take no pictures in a result. What a picture was is read from its file once for each run, and is the same in
 * every request of it.
 */
export type ShowPictures = (messages: readonly ModelMessage[]) => Promise<ModelMessage[]>;

export interface PicturesOptions {
  workspace: Pick<Workspace, "readFile">;
  reader: Pick<PageReader, "pictureForModel">;
  /** The model of the run can look at pictures. It may be another than the one that asked for them. */
  sees(): Promise<boolean>;
}

export function createPictures({ workspace, reader, sees }: PicturesOptions): ShowPictures {
  const known = new Map<string, FilePart | TextPart>();

  async function shown({ path, hash }: Picture): Promise<FilePart | TextPart> {
    if (!(await sees())) return { type: "text", text: `[${quoted(path)}: a picture, which you cannot see.]` };
    const part = known.get(hash) ?? (await read(path, hash).catch(() => undefined));
    if (!part) return { type: "text", text: `[${quoted(path)} is not there any more as it was.]` };
    known.set(hash, part);
    return part;
  }

  async function read(path: string, hash: string): Promise<FilePart | undefined> {
    const { bytes } = await workspace.readFile(path);
    if (hashOfBytes(bytes) !== hash) return undefined;
    const { mediaType, bytes: data } = await reader.pictureForModel(bytes);
    return { type: "file", mediaType, data };
  }

  return async (messages) => {
    const all: ModelMessage[] = [];
    for (const message of messages) {
      const before = all.at(-1);
      // Strict chat templates want no two messages of a person in a row.
      if (message.role === "user" && before?.role === "user" && typeof before.content !== "string")
        before.content.push(...asParts(message.content));
      else all.push(message);
      const pictures = message.role === "tool" ? picturesOf(message) : [];
      if (pictures.length > 0) all.push({ role: "user", content: await Promise.all(pictures.map(shown)) });
    }
    return all;
  };
}

export function hashOfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The result, with the picture that belongs to it in the place that the SDK has for what is ours. */
export function withPicture(result: ToolResultPart, picture: Picture | undefined): ToolResultPart {
  return picture ? { ...result, providerOptions: { memtrix: { picture: { ...picture } } } } : result;
}

/** The result as it stands when its run is over. */
export function withoutPicture({ providerOptions: _, ...result }: ToolResultPart): ToolResultPart {
  return result;
}

const Ours = z.object({
  memtrix: z.object({ picture: z.object({ path: z.string(), hash: z.string(), tokens: z.number() }) }),
});

/** The picture that belongs to a result, as the log has it. */
export function pictureOf(content: unknown): Picture | undefined {
  const { providerOptions } = (content ?? {}) as Partial<ToolResultPart>;
  return providerOptions && Ours.safeParse(providerOptions).data?.memtrix.picture;
}

function picturesOf({ content }: ToolModelMessage): Picture[] {
  return content.flatMap((part) => pictureOf(part) ?? []);
}

function asParts(content: string | (TextPart | FilePart | { type: "image" })[]): (TextPart | FilePart)[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.filter((part) => part.type !== "image");
}
