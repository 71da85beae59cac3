import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Inbox, InboxRow } from "../../store/inbox.ts";
import type { FileKeeper } from "./media/file-keeper.ts";
import type { Notices } from "./notices.ts";

/** The files that came with the messages of an inbox. */
export interface Attachments {
  /** Brings them to where the agent can read them, and says so in the message. Throws nothing of theirs. */
  fetch(id: number): Promise<void>;
  /** Words for a message, with the lines that tell of its files. */
  textOf(words: string, row: InboxRow): string;
  /** Deletes them, because the message is taken back. */
  forget(row: InboxRow): Promise<void>;
}

export interface AttachmentsOptions {
  inbox: Pick<Inbox, "get" | "edit" | "setAttachments">;
  /** Left out, files cannot be opened. */
  files?: FileKeeper | undefined;
  notices: Notices;
  log: Logger;
}

/** As the inbox has it. What others have written is in `content` alone. */
const Stored = z.union([
  z.strictObject({
    line: z.string(),
    file: z.strictObject({ path: z.string(), hash: z.string() }).optional(),
  }),
  z.strictObject({ content: z.record(z.string(), z.unknown()) }),
]);
type Stored = z.infer<typeof Stored>;

/** A file that is still to be fetched. */
export function attachmentOf(content: Record<string, unknown>): Stored {
  return { content };
}

export function createAttachments({ inbox, files, notices, log }: AttachmentsOptions): Attachments {
  const storedIn = ({ attachments = [] }: InboxRow): Stored[] => attachments.map((one) => Stored.parse(one));

  async function fetched(stored: Stored): Promise<Stored> {
    if ("line" in stored) return stored;
    if (!files) return { line: "[A file came with this; it cannot be opened here.]" };
    try {
      const { path, hash, mimetype, size } = await files.keep(stored.content);
      const what = `${path} (${mimetype}, ${size} bytes)`;
      // Small models do not think of it by themselves.
      const hint = mimetype.startsWith("image/") ? "; read_file shows it" : "";
      return { line: `[A file came with this: ${what}${hint}]`, file: { path, hash } };
    } catch (error) {
      return { line: `[A file came with this and could not be kept: ${messageOf(error)}]` };
    }
  }

  function textOf(words: string, row: InboxRow): string {
    const lines = storedIn(row).flatMap((stored) => ("line" in stored ? [stored.line] : []));
    return [words, lines.join("\n")].filter(Boolean).join("\n\n");
  }

  async function forget(row: InboxRow): Promise<void> {
    for (const stored of storedIn(row)) {
      if (!files || !("file" in stored) || !stored.file) continue;
      const { path } = stored.file;
      try {
        const outcome = await files.forget(stored.file);
        if (outcome === "changed")
          notices.tell(row.conversation, `I kept \`${path}\`: it is not any more what came with your message.`);
      } catch (error) {
        log.warn("A file that was taken back could not be deleted", { path, error });
        notices.tell(row.conversation, `\`${path}\` could not be deleted (${messageOf(error)}): delete it yourself.`);
      }
    }
  }

  return {
    textOf,
    forget,
    async fetch(id) {
      const row = inbox.get(id);
      if (!row?.attachments?.length || row.run !== undefined) return;
      const before = storedIn(row);
      if (before.every((stored) => "line" in stored)) return;
      const attachments = await Promise.all(before.map(fetched));
      const now = inbox.get(id);
      // It may have been changed meanwhile, or taken back.
      if (!now || now.doneAt) return forget({ ...row, attachments });
      inbox.setAttachments(id, attachments);
      inbox.edit(id, textOf(now.text, { ...now, attachments }));
    },
  };
}
