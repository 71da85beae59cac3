import { describe, expect, it } from "vitest";
import { killChange } from "../support/kill-agent-change.ts";

/** So many points of each are tried here; `node test/e2e/kill-agents-at-every-write.ts` goes through all of them. */
const sample = 8;

describe.each(["create", "delete"] as const)("a program that is killed when it is to %s an agent", (kind) => {
  it("has done all of it or nothing after the next start", { timeout: 240_000 }, async () => {
    const { writes, faults } = await killChange(kind);
    expect(faults).toEqual([]);
    const begin = writes.findIndex((write) => write.startsWith("INSERT INTO agent_change"));
    const end = writes.findIndex((write) => write.startsWith("DELETE FROM agent_change"));
    expect([begin > 0, end > begin]).toEqual([true, true]);

    for (let index = 0; index < sample; index++) {
      // Not up to the last: the index writes meanwhile, more or less often, and a point past the end kills nothing.
      const number = begin + 1 + Math.round((index * (end - begin)) / sample);
      const point = { moment: index % 2 === 0 ? "after" : "before", number } as const;
      const { killed, write, faults } = await killChange(kind, point);
      expect({ point, write, killed, faults }).toEqual({ point, write, killed: true, faults: [] });
    }
  });
});
