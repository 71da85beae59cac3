import { describe, expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder, temporaryStore } from "../support/temporary.ts";

describe("a session", () => {
  it("goes on in its conversation until a new one is begun there", () => {
    const { sessions } = temporaryStore();
    const first = sessions.current("main", "here");
    expect(sessions.current("main", "here")).toEqual(first);
    expect(sessions.current("main", "there").id).not.toBe(first.id);
    expect(sessions.current("gardener", "here").id).not.toBe(first.id);

    const second = sessions.begin("main", "here");
    expect(second.id).not.toBe(first.id);
    expect(sessions.current("main", "here")).toEqual(second);
  });

  it("remembers over a restart where the model's view begins", () => {
    const folder = temporaryFolder();
    {
      using store = openStore(folder);
      const session = store.sessions.current("main", "here");
      store.sessions.setViewFrom(session, 42);
      expect(session.viewFrom).toBe(42);
    }
    using store = openStore(folder);
    expect(store.sessions.current("main", "here").viewFrom).toBe(42);
    expect(store.sessions.begin("main", "here").viewFrom).toBe(0);
  });
});
