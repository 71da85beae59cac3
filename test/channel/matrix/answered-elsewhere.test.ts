import type { MatrixClient } from "matrix-js-sdk";
import { expect, it, vi } from "vitest";
import { answersKey, createAnsweredElsewhere } from "../../../src/channel/matrix/answered-elsewhere.ts";

it("what was answered elsewhere is looked for again at the next start while a message waits for its key", async () => {
  const pages = {
    async getJoinedRooms() {
      return { joined_rooms: ["!a"] };
    },
    getSafeUserId: () => "@memtrix:example.org",
    async createMessagesRequest() {
      const sent = { sender: "@memtrix:example.org", origin_server_ts: 0, content: { [answersKey]: ["$asked"] } };
      return { chunk: [sent], end: undefined };
    },
  };
  let waitingForKeys = 1;
  const settled = vi.fn();
  const answered = createAnsweredElsewhere({
    ...{ channel: "matrix", agent: "main", inbox: { open: () => [], done() {} } },
    connection: {
      client: pages as unknown as MatrixClient,
      restored: { from: new Date(0), settled },
      health: () => ({ waitingForKeys, undecryptable: 0, keysStored: true, crossSigned: true, backup: true }),
    },
  });
  await answered.find();
  expect(answered.has("$asked")).toBe(true);
  answered.caughtUp();
  expect(settled).not.toHaveBeenCalled();
  waitingForKeys = 0;
  answered.caughtUp();
  expect(settled).toHaveBeenCalledOnce();
});
