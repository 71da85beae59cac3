import { parseArgs } from "node:util";
import { killChange } from "../support/kill-agent-change.ts";

// Run as a program: kills the making and the removing of an agent before and after each of their writes, starts again,
// and looks at what is left. Prints one line for each point; the exit code is 1 when something was half done.
// `--only delete` goes through the one alone, `--from 107` goes on from that write.

const { values } = parseArgs({ options: { only: { type: "string" }, from: { type: "string", default: "1" } } });

let wrong = 0;
for (const kind of ["create", "delete"] as const) {
  if (values.only !== undefined && values.only !== kind) continue;
  const { writes } = await killChange(kind);
  const begin = writes.findIndex((write) => write.startsWith("INSERT INTO agent_change"));
  for (let number = Math.max(begin, Number(values.from)); number <= writes.length; number++)
    for (const moment of ["before", "after"] as const) {
      const { killed, write, faults } = await killChange(kind, { moment, number });
      if (faults.length > 0) wrong++;
      console.log(`${kind} ${moment} ${number}`, faults.length > 0 ? `WRONG: ${faults.join("; ")}` : killed, write);
    }
}
process.exit(wrong > 0 ? 1 : 0);
