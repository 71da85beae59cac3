import { expect, it } from "vitest";
import { prepareRestoredDatabase } from "../../src/store/restored.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

it("what waited to leave when the backup was made is looked for before it is sent", () => {
  const folder = temporaryFolder();
  const at = new Date("2026-11-01T10:00:00Z");
  {
    using store = openStore(folder, () => at);
    const answer = { channel: "matrix", agent: "main", conversation: "matrix:!room", answers: [] };
    store.outbox.add({ ...answer, events: [{ text: "sent" }, { text: "waiting" }] });
    const [first] = store.outbox.waiting("matrix");
    store.outbox.sent(first?.id ?? 0, "$sent");
  }
  prepareRestoredDatabase(folder);
  using store = openStore(folder);
  expect(store.outbox.waiting("matrix").map(({ event, firstTriedAt }) => ({ event, firstTriedAt }))).toEqual([
    { event: { text: "waiting" }, firstTriedAt: at },
  ]);
});

it("a folder without a database, and a database without an outbox, are left alone", () => {
  expect(() => prepareRestoredDatabase(temporaryFolder())).not.toThrow();
});
