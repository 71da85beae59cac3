import { createHash } from "node:crypto";
import type { Workspace } from "../../../sandbox/workspace.ts";
import { type Attachment, type Downloader, type DownloadOptions, downloadAttachment } from "../media.ts";
import { keepAttachment } from "./keep-attachment.ts";

/** Keeps the files that come with messages where an agent can read them. */
export interface FileKeeper {
  /** Fetches the file that the content of a message tells of. Throws a sentence for the model. */
  keep(content: Record<string, unknown>): Promise<KeptFile & Pick<Attachment, "mimetype"> & { size: number }>;
  /** Deletes it, unless it is not the same any more. */
  forget(file: KeptFile): Promise<"deleted" | "changed" | "gone">;
}

export interface KeptFile {
  /** In the workspace. */
  path: string;
  /** SHA-256 of what was kept. */
  hash: string;
}

/** They are kept in the workspace, marked as foreign. */
export function createFileKeeper(
  client: Downloader,
  workspace: Workspace,
  options: Pick<DownloadOptions, "maxBytes">,
): FileKeeper {
  const foreign = workspace.writingAs(() => "web");

  async function saveNew(path: string, bytes: Uint8Array): Promise<boolean> {
    if (await foreign.stat(path)) return false;
    await foreign.writeFile(path, bytes, { overwrite: false });
    return true;
  }

  return {
    async keep(content) {
      const attachment = await downloadAttachment(client, content, options);
      const { bytes, mimetype } = attachment;
      return { path: await keepAttachment(attachment, saveNew), hash: hashOf(bytes), mimetype, size: bytes.length };
    },
    async forget({ path, hash }) {
      if (!(await workspace.stat(path))) return "gone";
      const { bytes } = await workspace.readFile(path);
      if (hashOf(bytes) !== hash) return "changed";
      await workspace.deleteFile(path);
      return "deleted";
    },
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
