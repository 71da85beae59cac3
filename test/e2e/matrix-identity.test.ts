import { expect, it, onTestFinished } from "vitest";
import { startCountingModel } from "../support/counting-model.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { program } from "../support/program.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const canRun = await canRunSynapse();

it.skipIf(!canRun)(
  "M27: an owner whose identity changes is not followed until that is confirmed on the machine; then all is as before",
  { timeout: 180_000 },
  async () => {
    const synapse = await startSynapse();
    onTestFinished(() => synapse.stop());
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
    await using model = await startCountingModel({ usesTools: false });
    using home = temporaryHome();
    layMatrixHome(home, { url: synapse.url, agent, owner, model: model.config });
    await using memtrix = program({ home: home.path });
    const doctor = (...flags: string[]) => memtrix.start(["doctor", "devices", ...flags], { limitMs: 60_000 }).ended;

    const before = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
    onTestFinished(() => before.stop());
    const first = memtrix.start(["start"], { limitMs: 120_000 });
    const room = await before.waitForInvitation(agent.userId);
    await before.join(room);
    await before.waitForMessage(room);
    expect((await before.ask(room, "This is message 1.")).content.body).toBe("Answer to 1.");

    // A new login, which cannot open the old identity and makes another.
    const after = await startMatrixPerson({ url: synapse.url, user: await logIn(synapse, owner) });
    onTestFinished(() => after.stop());
    await after.client.getCrypto()?.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      async authUploadDeviceSigningKeys(request) {
        const identifier = { type: "m.id.user", user: owner.userId };
        await request({ type: "m.login.password", identifier, password: owner.password });
      },
    });
    await after.send(room, "This is message 2.");
    await after.waitForMessage(
      room,
      saying(/^The keys of `@owner:\S+` are not those that I knew.*doctor devices --trust/),
    );
    expect(model.asked()).toBe(1);
    first.kill("SIGTERM");
    await first.ended;

    expect(await doctor()).toMatchObject({ code: 1, stdout: expect.stringContaining("its identity is another one") });
    const trusted = await doctor("--trust");
    expect(trusted).toMatchObject({ code: 0 });
    expect(trusted.stdout).not.toMatch(/does not count|another one/);

    const second = memtrix.start(["start"], { limitMs: 120_000 });
    await second.said("stderr", /connected as/);
    await after.send(room, "This is message 3.");
    await after.waitForMessage(room, saying(/^Answer to 3\.$/));
    expect(after.seen().filter(saying(/^Answer to 2/))).toEqual([]);
    second.kill("SIGTERM");
    await second.ended;
  },
);

const saying =
  (text: RegExp) =>
  ({ content }: SeenEvent): boolean =>
    text.test(String(content.body));

async function logIn({ url }: TestSynapse, { userId, password }: TestUser): Promise<TestUser> {
  const response = await fetch(`${url}/_matrix/client/v3/login`, {
    method: "POST",
    body: JSON.stringify({ type: "m.login.password", identifier: { type: "m.id.user", user: userId }, password }),
  });
  const { access_token = "", device_id = "" } = (await response.json()) as Record<string, string>;
  return { userId, password, accessToken: access_token, deviceId: device_id };
}
