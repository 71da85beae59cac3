import { readFileSync } from "node:fs";
import { openMakingScene } from "../support/making-scene.ts";
import { quantiles, type Row } from "./report.ts";

/**
 * From the owner's yes to the first word of the agent that is made, as the owner's client shows it, without the model's
 * time: it is scripted. The owner joins the new room as soon as they are asked to. Beside it, what of that is the
 * program's own work (CPU time, all threads).
 */
export async function measureMaking(count: number): Promise<Row[]> {
  await using scene = await openMakingScene({ config: { memory: { model: null } } });
  const { person, room, running } = scene;
  const firstWordMs: number[] = [];
  const cpuMs: number[] = [];
  for (let number = 1; number <= count; number++) {
    const wish = { name: `Cook ${number}`, description: "menus", instructions: "You cook." };
    const from = person.seen().length;
    await person.send(room, `call create_agent ${JSON.stringify(wish)}`);
    await person.waitForMessage(room, undefined, { from });

    const [beganAt, cpuBefore] = [performance.now(), cpuMsOf(running.pid)];
    await person.send(room, "yes");
    const kitchen = await person.waitForInvitation(`@cook-${number}:memtrix.test`);
    await person.join(kitchen);
    await person.waitForMessage(kitchen);
    firstWordMs.push(performance.now() - beganAt);
    cpuMs.push(cpuMsOf(running.pid) - cpuBefore);
    await person.waitForMessage(room, ({ content }) => String(content.body).includes(`@cook-${number}:`), { from });
  }
  const measured = "from a yes to the first word";
  return [
    { what: measured, ms: quantiles(firstWordMs), targetMs: 1_500 },
    { what: `${measured}, CPU`, ms: quantiles(cpuMs) },
  ];
}

/** Linux counts it in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
