import { describe, expect, it } from "vitest";
import { findJsonError } from "../../src/config/json-error.ts";

const good = '{"a": [1, -2.5e3, true, null, "x\\n\\u00e9"], "b": {}, "c": [[], {"d": ""}]}';

describe("where a text stops being JSON", () => {
  it.each([
    ['{"a": 1,}', 1, 9],
    ['{"a": 1\n "b": 2}', 2, 2],
    ["{'a': 1}", 1, 2],
    ['{"a": "x\ny"}', 1, 7],
    ['{"a": [1, 2}', 1, 12],
    ['{"a": 1} x', 1, 10],
    ["", 1, 1],
    ['{"a": 01}', 1, 8],
  ])("%j: line %i, column %i", (text, line, column) => {
    expect(findJsonError(text)).toEqual({ line, column });
  });

  it("is where it is nested deeper than anybody writes it, and that is found however deep it goes", () => {
    expect(findJsonError(`${"[".repeat(499)}1${"]".repeat(499)}`)).toBeUndefined();
    expect(findJsonError(`${"[".repeat(501)}${"]".repeat(501)}`)).toEqual({ line: 1, column: 501 });
    expect(findJsonError('{"a":'.repeat(100_000))).toEqual({ line: 1, column: 2_501 });
  });

  it("agrees with the engine on whether it is JSON, whatever is cut out or put in", () => {
    for (let index = 0; index < good.length; index++)
      for (const piece of ["", ",", '"', "}", "]", "0", " ", "\n"])
        for (const text of [good.slice(0, index) + piece + good.slice(index + 1), good.slice(0, index) + piece])
          expect(findJsonError(text) === undefined, text).toBe(isJson(text));
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
