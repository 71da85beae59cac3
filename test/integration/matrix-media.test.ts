import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { downloadAttachment, uploadAttachment } from "../../src/channel/matrix/media.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const options = { maxBytes: 1_000_000 };

describe.skipIf(!(await canRunSynapse()))("files over a real homeserver", () => {
  let synapse: TestSynapse;
  let agent: MatrixPerson;
  let ada: MatrixPerson;
  beforeAll(async () => {
    synapse = await startSynapse({ settings: { max_upload_size: "100K" } });
    const [one, two] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];
    agent = await startMatrixPerson({ url: synapse.url, user: one });
    ada = await startMatrixPerson({ url: synapse.url, user: two });
  }, 120_000);
  afterAll(async () => {
    await agent?.stop();
    await ada?.stop();
    await synapse?.stop();
  });

  async function roomOfTwo(encrypted: boolean): Promise<string> {
    const room = await ada.createRoom({ invite: [agent.userId], encrypted });
    await agent.waitForInvitation();
    await agent.join(room);
    await ada.waitForJoin(room, agent.userId);
    return room;
  }

  it.each([
    ["an encrypted", true],
    ["a plain", false],
  ])("come and go in %s room", async (_, encrypted) => {
    const room = await roomOfTwo(encrypted);

    await ada.sendFile(room, { name: "dot.png", type: "image/png", bytes: picture, caption: "look!" });
    const { content } = await agent.waitForMessage(room);
    expect("file" in content).toBe(encrypted);
    expect(await downloadAttachment(agent.client, content, options)).toEqual({
      name: "dot.png",
      mimetype: "image/png",
      bytes: new Uint8Array(picture),
    });

    const sent = await uploadAttachment(agent.client, room, {
      name: "../dot.png",
      bytes: picture,
      caption: "**here**",
    });
    await agent.sendEvent(room, "m.room.message", sent);
    const shown = await ada.waitForMessage(room);
    expect(shown.encrypted).toBe(encrypted);
    expect(shown.content).toMatchObject({
      msgtype: "m.image",
      body: "here",
      formatted_body: "<strong>here</strong>",
      filename: "dot.png",
      info: { mimetype: "image/png", size: picture.length, w: 1, h: 1 },
      "m.mentions": {},
    });
    expect(Buffer.from(await ada.download(shown.content))).toEqual(picture);
  });

  it("that the homeserver would not take are refused with its limit", async () => {
    const room = await roomOfTwo(false);
    const large = { name: "a.txt", bytes: new Uint8Array(200_000) };
    await expect(uploadAttachment(agent.client, room, large)).rejects.toThrow(/files of 0\.1 MiB at most/);
  });

  it("that are not there any more are said to be missing", async () => {
    const content = { msgtype: "m.file", body: "a", url: `mxc://${synapse.serverName}/doesnotexist` };
    await expect(downloadAttachment(agent.client, content, options)).rejects.toThrow("does not have the file");
  });

  it("leave nothing readable at the homeserver of an encrypted room", async () => {
    const room = await roomOfTwo(true);
    const secret = Buffer.from("a secret that nobody else may read");
    const sent = await uploadAttachment(agent.client, room, { name: "secret.txt", bytes: secret });
    const { url } = sent.file as { url: string };
    const [, , server, id] = url.split("/");
    const response = await fetch(`${synapse.url}/_matrix/client/v1/media/download/${server}/${id}`, {
      headers: { authorization: `Bearer ${agent.client.getAccessToken()}` },
    });
    expect(response.headers.get("content-disposition") ?? "").not.toContain("secret");
    expect(Buffer.from(await response.arrayBuffer()).includes("secret")).toBe(false);
  });
});
