import { parseArgs } from "node:util";
import { runKills } from "../support/matrix-kill-run.ts";

// Run as a program: kills the agent at random moments of a long encrypted conversation, and looks at what is left.
// Prints what was seen as JSON; the exit code is 1 when something was lost, doubled or could not be read.

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "500" },
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    /** So much of all requests is reset, half of them after the homeserver had them; some hang, some are told to wait. */
    resets: { type: "string", default: "0" },
    "settle-seconds": { type: "string", default: "60" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(
    "node test/e2e/matrix-kill.ts [--messages 500] [--kills 100] [--seed N] [--resets 0.5] [--settle-seconds 60]",
  );
  process.exit(0);
}
const resets = Number(values.resets);
const report = await runKills({
  ...{ messages: Number(values.messages), kills: Number(values.kills), seed: Number(values.seed) },
  ...(resets > 0 ? { shares: { reset: resets / 2, "answer-lost": resets / 2, hangs: 0.01, limited: 0.05 } } : {}),
  settleMs: Number(values["settle-seconds"]) * 1000,
  onProgress: (sentence) => console.error(sentence),
});
console.log(JSON.stringify(report, null, 2));
process.exit(report.faults.length > 0 ? 1 : 0);
