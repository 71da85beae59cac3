import { describe, expect, it } from "vitest";
import { matchAny, searchTerms } from "../../src/store/full-text.ts";

describe("the terms of a search", () => {
  it("are the words that tell something, each once", () => {
    expect(searchTerms("What was the name of Ada's dog, and Ada's cat?")).toEqual(["name", "ada", "dog", "cat"]);
    expect(searchTerms("I don't think we've met, haven't we?")).toEqual(["think", "met"]);
  });

  it("are all of the words when none tells anything", () => {
    expect(searchTerms("what is it?")).toEqual(["what", "is", "it"]);
  });

  it("are quoted one by one, so that nothing in them is an operator", () => {
    expect(matchAny('blue* NEAR "house"')).toBe('"blue" OR "near" OR "house"');
    expect(matchAny("¿…?")).toBeUndefined();
    expect(matchAny("")).toBeUndefined();
  });
});
