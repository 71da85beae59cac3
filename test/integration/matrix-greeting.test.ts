import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startFlakyProxy } from "../support/flaky-proxy.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startMatrixRig } from "../support/matrix-rig.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const canRun = await canRunSynapse();
let synapse: TestSynapse;

beforeAll(async () => {
  if (canRun) synapse = await startSynapse();
}, 600_000);

afterAll(() => synapse?.stop());

it.skipIf(!canRun).for(["reset", "answer-lost"] as const)(
  "the direct room is made once, where the request for it is cut off (%s)",
  { timeout: 60_000 },
  async (fate) => {
    let cutOff = 0;
    const fateOf = (path: string) => (path.endsWith("/createRoom") && ++cutOff === 1 ? fate : "passed");
    await using proxy = await startFlakyProxy({ target: synapse.url, fateOf });
    const [agent, ada] = [await synapse.registerUser(`memtrix-${fate}`), await synapse.registerUser(`ada-${fate}`)];
    const owner = await startMatrixPerson({ url: synapse.url, user: ada });
    onTestFinished(() => owner.stop());
    const rig = await startMatrixRig({
      ...{ url: proxy.url, agent, owners: [ada.userId], model: scriptedModel(), greeting: "Hello, I am Memtrix." },
    });
    onTestFinished(() => rig.stop());

    // A sync that waits for news in vain takes half a minute.
    const invites = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === ada.userId;
    const { roomId: room } = await owner.waitFor(invites, { limitMs: 45_000 });
    const asked = cutOff;
    await owner.join(room);
    const { content } = await owner.waitForMessage(room);
    expect(content.body).toBe("Hello, I am Memtrix.");
    const rooms = rig.client.getRooms().filter((one) => !one.isSpaceRoom());
    expect(rooms.map(({ roomId }) => roomId)).toEqual([room]);
    expect(asked).toBe(fate === "reset" ? 2 : 1);
  },
);
