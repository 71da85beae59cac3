import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isAbandoned, isTemporary, temporaryName } from "../../src/sandbox/temporary.ts";

const named = (writer: number | string, begun: number | string) => `.memtrix-${writer}-${begun}-0123456789ab.tmp`;

describe("the name of a file that is being written", () => {
  it("is a new one each time, known as such, and not abandoned while its writer lives", () => {
    const names = [temporaryName(), temporaryName()];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect([isTemporary(name), isAbandoned(name)]).toEqual([true, false]);
  });

  it.each(["note.tmp", `x${named(1, 2)}`, `${named(1, 2)}x`, named("x", 2), named(1, "x"), ".memtrix-1-2-0123.tmp"])(
    "is not %s",
    (name) => expect([isTemporary(name), isAbandoned(name)]).toEqual([false, false]),
  );

  it("is abandoned when its writer is no more", () => {
    const gone = execFileSync(process.execPath, ["-p", "process.pid"]).toString().trim();
    expect(isAbandoned(named(gone, 1_700_000_000_000))).toBe(true);
  });

  it("is abandoned when its writer had the number of this process, before a restart", () => {
    expect(isAbandoned(named(process.pid, 1_700_000_000_000))).toBe(true);
  });

  it("is not abandoned when the system will not say whether its writer lives", () => {
    // No process has such a number, and the system refuses to look for one.
    expect(isAbandoned(named("9".repeat(30), 1))).toBe(false);
  });
});
