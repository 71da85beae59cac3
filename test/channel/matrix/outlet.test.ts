import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import { describe, expect, it } from "vitest";
import { createOutlet } from "../../../src/channel/matrix/outlet.ts";

const message = { type: "m.room.message", content: { msgtype: "m.text", body: "hello" } };

/** A client whose crypto takes its time: `finish` lets it go on. */
function slowCrypto() {
  const encrypting = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const client = {
    getSafeUserId: () => "@memtrix:example.org",
    getRoom: () => ({ hasEncryptionStateEvent: () => true }),
    getCrypto: () => ({
      async encryptEvent(event: MatrixEvent) {
        begun.resolve();
        await encrypting.promise;
        event.makeEncrypted("m.room.encrypted", { ciphertext: "…" } as never, "", "");
      },
    }),
    http: { authedRequest: async () => ({ event_id: "$sent" }) },
  };
  const outlet = createOutlet({
    client: client as unknown as MatrixClient,
    isEncrypted: () => true,
    encryptedOnly: false,
  });
  return { outlet, begun: begun.promise, finish: encrypting.resolve };
}

describe("the way out of an account that closes", () => {
  it("is closed only when what is being encrypted is done, and that still leaves", async () => {
    const { outlet, begun, finish } = slowCrypto();
    const sent = outlet.send("!room", message, "one");
    await begun;
    const order: string[] = [];
    const closed = outlet.close().then(() => order.push("closed"));
    order.push("finished");
    finish();
    await closed;
    expect(order).toEqual(["finished", "closed"]);
    await expect(sent).resolves.toBe("$sent");
  });

  it("begins nothing more", async () => {
    const { outlet, finish } = slowCrypto();
    finish();
    await outlet.close();
    await expect(outlet.send("!room", message, "two")).rejects.toThrow("closing");
  });
});
