import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { program } from "../support/program.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

describe.skipIf(!(await canRunSynapse()))("the most that a file from a room may have", { timeout: 120_000 }, () => {
  it("is a setting of the channel, which whoever sends a larger one hears of", async () => {
    await using stack = new AsyncDisposableStack();
    const synapse = stack.adopt(await startSynapse(), ({ stop }) => stop());
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
    const model = stack.use(await startWireModel("ollama", ({ newest }) => `Heard: ${newest}`));
    const home = stack.use(temporaryHome());
    const settings = { attachment_mib: 1 };
    layMatrixHome(home, { url: synapse.url, agent, owner, model: model.config, settings });
    const person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
    stack.defer(() => person.stop());
    const memtrix = stack.use(program({ home: home.path }));
    memtrix.start(["start"], { limitMs: 120_000 });
    const room = await person.waitForInvitation();
    await person.join(room);
    await person.waitForMessage(room);

    const sent = async (name: string, bytes: number) => {
      const from = person.seen().length;
      await person.sendFile(room, { name, type: "text/plain", bytes: Buffer.alloc(bytes, "a") });
      return String((await person.waitForMessage(room, undefined, { from })).content.body);
    };
    expect(await sent("large.txt", 1024 ** 2 + 1)).toContain(
      "The file is larger than 1 MiB, the most that is taken here (attachment_mib in the channel's settings).",
    );
    expect(await sent("small.txt", 1024 ** 2)).toContain("small.txt (text/plain, 1048576 bytes)");
    const files = readdirSync(join(home.path, "workspace"), { recursive: true }).map(String);
    expect(files.filter((file) => /(?:large|small)\.txt$/.test(file))).toEqual([expect.stringContaining("small.txt")]);
  });
});
