import { describe, expect, it } from "vitest";
import { createTerms, matchAny } from "../../src/store/full-text.ts";

const terms = createTerms();

describe("the terms of a query", () => {
  it("are the telling words, each once, without their endings and accents", () => {
    expect(terms.ofQuery("What was the name of Ada's dog, and Ada's cats?")).toEqual(["name", "ada", "dog", "cat"]);
    expect(terms.ofQuery("I don't think we've met, haven't we?")).toEqual(["think", "met"]);
    expect(terms.ofQuery("the cafés of Besançon")).toEqual(["cafe", "besancon"]);
  });

  it("are all the words when none tells anything, and none when there is no word", () => {
    expect(terms.ofQuery("what is it?")).toEqual(["what", "is", "it"]);
    for (const text of ["?!", '""', "*", "", "🌱"]) expect(terms.ofQuery(text)).toEqual([]);
  });

  it("are pieces of words where a script has no spaces between them", () => {
    expect(terms.ofQuery("東京タワー")).toEqual(["東京", "京タ", "タワ", "ワー"]);
    expect(terms.of(["猫", "กรุงเทพ"])[0]).toEqual(["猫"]);
    expect(terms.of(["กรุงเทพ"])[0]?.length).toBeGreaterThan(2);
  });

  it("are never operators of the index", () => {
    expect(matchAny(terms.ofQuery('blue* NEAR "house" -red'))).toBe('"blue" OR "near" OR "hous" OR "red"');
  });
});
