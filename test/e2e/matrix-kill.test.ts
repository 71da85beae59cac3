import { expect, it } from "vitest";
import { runKills } from "../support/matrix-kill-run.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const canRun = await canRunSynapse();

// A sample; `node test/e2e/matrix-kill.ts` kills a hundred times in five hundred messages.
it.skipIf(!canRun)(
  "every message is answered once, in order and encrypted, however often the program is killed",
  { timeout: 120_000 },
  async () => {
    const { faults, kills } = await runKills({ messages: 20, kills: 5, seed: 7 });
    expect({ faults, kills }).toEqual({ faults: [], kills: 5 });
  },
);
