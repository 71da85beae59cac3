import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import { createLateMeaning } from "../../src/memory/late-meaning.ts";
import { byKeywordAlone } from "../../src/memory/meaning.ts";

describe("a search by meaning that could not be opened", () => {
  const failing = (retryMs: number) => {
    const asked = { times: 0 };
    const open = async () => {
      if (asked.times++ === 0) throw new Error("The disk is full.");
      return byKeywordAlone;
    };
    return { asked, meaning: createLateMeaning(open, silent, retryMs) };
  };

  it("says why, and is opened at a later use", async () => {
    const { asked, meaning } = failing(0);
    meaning.update();
    await nextTurn();
    expect(meaning.describe()).toBe("searched by keyword alone: The disk is full.");
    meaning.update();
    await nextTurn();
    expect(meaning.describe()).toBe(byKeywordAlone.describe());
    expect(asked.times).toBe(2);
  });

  it("is not tried again at every search", async () => {
    const { asked, meaning } = failing(60_000);
    for (let search = 0; search < 5; search++) {
      await meaning.search("boat", undefined);
      await nextTurn();
    }
    expect(asked.times).toBe(1);
  });
});
