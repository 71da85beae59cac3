import { describe, expect, it } from "vitest";
import { attachmentOf, createAttachments } from "../../../src/channel/matrix/attachments.ts";
import { silent } from "../../../src/log.ts";
import { temporaryStore } from "../../support/temporary.ts";

describe("a file that came with a message", () => {
  it.each([
    ["application/pdf", "[A file came with this: attachments/it (application/pdf, 7 bytes)]"],
    ["image/png", "[A file came with this: attachments/it (image/png, 7 bytes); read_file shows it]"],
  ])("of type %s is told below the words, and how a picture is looked at", async (mimetype, line) => {
    const { inbox } = temporaryStore();
    const files = {
      keep: async () => ({ path: "attachments/it", hash: "h", mimetype, size: 7 }),
      forget: async () => "deleted" as const,
    };
    const attachments = createAttachments({ inbox, files, notices: { tell() {} } as never, log: silent });
    const id = inbox.add({
      ...{ channel: "matrix", agent: "main", event: "$1", conversation: "!r", sender: "@a:b", origin: "owner" },
      ...{ text: "look", at: new Date(), attachments: [attachmentOf({ url: "mxc://b/1" })] },
    });
    await attachments.fetch(Number(id));
    expect(inbox.get(Number(id))?.text).toBe(`look\n\n${line}`);
  });
});
