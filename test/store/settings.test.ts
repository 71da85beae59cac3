import { describe, expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("a setting", () => {
  it("holds over a restart, for its scope alone, until it is set again or taken away", () => {
    const folder = temporaryFolder();
    {
      using store = openStore(folder);
      store.settings.set("main", "model", "small");
      store.settings.set("main", "model", "large");
      store.settings.set("cli:here", "model", "tiny");
    }
    using store = openStore(folder);
    expect(store.settings.get("main", "model")).toBe("large");
    expect(store.settings.get("cli:here", "model")).toBe("tiny");
    expect(store.settings.get("main", "verbose")).toBeUndefined();

    store.settings.delete("main", "model");
    store.settings.delete("main", "never set");
    expect(store.settings.get("main", "model")).toBeUndefined();
    expect(store.settings.get("cli:here", "model")).toBe("tiny");
  });
});
