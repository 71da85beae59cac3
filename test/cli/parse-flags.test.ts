import { describe, expect, it } from "vitest";
import { helpFlag, parseFlags } from "../../src/cli/parse-flags.ts";
import { UsageError } from "../../src/errors.ts";

const options = { ...helpFlag, force: { type: "boolean" } } as const;

describe("the flags of a command", () => {
  it("come with the words among them", () => {
    const { values, positionals } = parseFlags("backup", ["--force", "a.backup"], options, { words: true });
    expect(values.force).toBe(true);
    expect(positionals).toEqual(["a.backup"]);
  });

  it("that there are not are told in one sentence, with where to look", () => {
    const parse = () => parseFlags("backup", ["--wings"], options, { words: true });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(/^Unknown option '--wings'\. memtrix backup --help tells what there is\.$/);
  });

  it("stand alone where no words are taken", () => {
    expect(() => parseFlags("health", ["now"], options)).toThrow(/^Unexpected argument 'now'/);
  });
});
