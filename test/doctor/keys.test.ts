import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDeviceDatabase } from "../../src/channel/matrix/device-database.ts";
import { keysCheck } from "../../src/doctor/keys.ts";
import { playHomeserver } from "../homeserver/played-homeserver.ts";
import { patient } from "./ground.ts";

const userId = "@memtrix:example.org";

/** An account with a store of its own here, and a homeserver that knows this of it. */
async function account(known: { signed?: boolean; storage?: boolean; backup?: boolean }) {
  const signatures = () => (known.signed ? { [userId]: { "ed25519:signer": "…" } } : {});
  const { url } = await playHomeserver(({ path }) => {
    if (path.endsWith("/whoami")) return { body: { user_id: userId, device_id: "DEVICE" } };
    if (path.endsWith("/keys/query"))
      return {
        body: {
          device_keys: { [userId]: { DEVICE: { keys: { "ed25519:DEVICE": "…" }, signatures: signatures() } } },
          self_signing_keys: { [userId]: { keys: { "ed25519:signer": "…" } } },
        },
      };
    if (path.endsWith("default_key") && known.storage) return { body: { key: "main" } };
    if (path.endsWith("key.main")) return { body: { iv: "…", mac: "…" } };
    if (path.endsWith("/version") && known.backup) return { body: { version: "1" } };
    return { status: 404, body: { errcode: "M_NOT_FOUND" } };
  });
  const who = patient({
    "main-agent": { name: "Memtrix", model: "small", channel: "matrix" },
    channels: {
      matrix: {
        type: "matrix",
        homeserver: url,
        user_id: userId,
        access_token: "$TOKEN",
        owners: ["@ada:example.org"],
      },
    },
  });
  who.write(".env", "MEMTRIX_SECRET_TOKEN=secret-token\n");
  openDeviceDatabase(join(who.home, "data/matrix"), userId, "DEVICE")[Symbol.dispose]();
  return { ...who, known };
}

describe("memtrix doctor, of keys", () => {
  it("finds a device that is not cross-signed, until it is", async () => {
    const { look, known } = await account({ storage: true, backup: true });
    expect((await look(keysCheck))[0]).toMatchObject({
      state: "warning",
      text: expect.stringContaining("not cross-signed"),
      remedy: expect.stringContaining("memtrix onboard"),
    });
    known.signed = true;
    expect((await look(keysCheck)).map(({ text }) => text).join()).not.toContain("cross-signed");
  });

  it("finds an account whose identity would end with this device, and one whose recovery key is not here", async () => {
    const { look, known } = await account({ signed: true });
    expect(await look(keysCheck)).toMatchObject([
      { state: "warning", text: expect.stringContaining("no recovery is set up"), remedy: "memtrix onboard" },
    ]);
    known.storage = true;
    expect(await look(keysCheck)).toMatchObject([
      {
        state: "warning",
        text: expect.stringContaining("not in the config"),
        remedy: expect.stringContaining("--recovery-key-env"),
      },
    ]);
  });

  it("says what must be mended first where the homeserver does not answer", async () => {
    const { look } = await account({});
    const away = Promise.reject(new Error("away"));
    expect(await look(keysCheck, { homeserver: away })).toMatchObject([{ state: "unseen" }]);
  });
});
