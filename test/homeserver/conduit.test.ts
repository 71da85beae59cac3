import { describe, expect, it } from "vitest";
import { createAccount, deactivate } from "../../src/homeserver/accounts.ts";
import { type PlayedAnswer, type PlayedRequest, playHomeserver } from "./played-homeserver.ts";

const registrationToken = "the-right-token-of-this-house";

/** As Conduit answers: one flow of one stage, the first request kept with its session, M_FORBIDDEN for a wrong token. */
function conduit({ open = true, token = registrationToken as string | null, accounts = [] as string[] } = {}) {
  const stage = token === null ? "m.login.dummy" : "m.login.registration_token";
  const flows = { flows: [{ stages: [stage] }], params: {}, session: "kept" };
  const refuse = (status: number, errcode: string, error: string): PlayedAnswer => ({
    status,
    body: { errcode, error },
  });

  return ({ method, path, body, authorization }: PlayedRequest): PlayedAnswer => {
    if (method !== "GET" && body === undefined) return refuse(400, "M_NOT_JSON", "Not json.");
    if (path === "/_matrix/client/v3/profile/%40memtrix%3Amemtrix.local/displayname") {
      return authorization === "Bearer made" ? {} : refuse(401, "M_MISSING_TOKEN", "Missing access token.");
    }
    const auth = body?.auth as { type: string; session: string; token?: string } | undefined;
    if (path === "/_matrix/client/v3/account/deactivate") {
      if (!auth) return { status: 401, body: { ...flows, flows: [{ stages: ["m.login.password"] }] } };
      return { body: { id_server_unbind_result: "no-support" } };
    }
    if (path === "/_matrix/client/v3/login") return refuse(403, "M_FORBIDDEN", "Wrong username or password.");
    if (path !== "/_matrix/client/v3/register") return refuse(404, "M_UNRECOGNIZED", "Unrecognized request");
    if (!open) return refuse(403, "M_FORBIDDEN", "Registration has been disabled.");
    if (accounts.includes(String(body?.username)))
      return refuse(400, "M_USER_IN_USE", "Desired user ID is already taken.");
    if (!auth) return { status: 401, body: { ...flows, completed: [] } };
    if (auth.session !== "kept") return refuse(403, "M_FORBIDDEN", "UIAA session does not exist.");
    if (token !== null && auth.token !== token) {
      return {
        status: 401,
        body: { ...flows, errcode: "M_FORBIDDEN", error: `Invalid registration token ${auth.token}.` },
      };
    }
    return { body: { user_id: "@memtrix:memtrix.local", device_id: "DEVICE", access_token: "made" } };
  };
}

const wanted = { localpart: "memtrix", password: "a password of some length", displayName: "Memtrix" };
const byToken = { kind: "registration-token", token: registrationToken } as const;

describe("an account on Conduit", () => {
  it("is made with its registration token, and named", async () => {
    const { url, requests } = await playHomeserver(conduit());
    expect(await createAccount({ ...wanted, homeserver: url, by: byToken })).toEqual({
      ...{ userId: "@memtrix:memtrix.local", deviceId: "DEVICE", accessToken: "made" },
    });
    expect(requests.map(({ path }) => path.split("/").at(-1))).toEqual(["register", "register", "displayname"]);
    expect(requests.at(-1)?.body).toEqual({ displayname: "Memtrix" });
  });

  it("is made where no token is asked for", async () => {
    const { url, requests } = await playHomeserver(conduit({ token: null }));
    await createAccount({ ...wanted, homeserver: url, by: byToken });
    expect(requests[1]?.body?.auth).toEqual({ type: "m.login.dummy", session: "kept" });
  });

  it("is not made with another token, and the token is not in the error", async () => {
    const { url } = await playHomeserver(conduit());
    const made = createAccount({
      ...wanted,
      homeserver: url,
      by: { kind: "registration-token", token: "wrong-token" },
    });
    await expect(made).rejects.toThrow(`${url} does not take the registration token: it is another one`);
    await expect(made).rejects.not.toThrow("wrong-token");
  });

  it("is not made while registration is closed", async () => {
    const { url } = await playHomeserver(conduit({ open: false }));
    await expect(createAccount({ ...wanted, homeserver: url, by: byToken })).rejects.toThrow(
      `${url} makes no accounts for us, since its registration is closed (Registration has been disabled.): open it`,
    );
  });

  it("is not taken from another who has the name", async () => {
    const { url } = await playHomeserver(conduit({ accounts: ["memtrix"] }));
    await expect(createAccount({ ...wanted, homeserver: url, by: byToken })).rejects.toThrow(
      `There is an account memtrix on ${url} already; choose another name.`,
    );
  });

  it("is not made by a shared secret, which Conduit does not have", async () => {
    const { url } = await playHomeserver(conduit());
    const by = { kind: "shared-secret", secret: "a shared secret" } as const;
    await expect(createAccount({ ...wanted, homeserver: url, by })).rejects.toThrow(
      `${url} makes no accounts by a shared secret: use its registration token`,
    );
  });

  it("is closed with a body in each request", async () => {
    const { url, requests } = await playHomeserver(conduit());
    const { password } = wanted;
    await deactivate({ homeserver: url, userId: "@memtrix:memtrix.local", accessToken: "made", password });
    expect(requests.map(({ body }) => body)).toEqual([
      {},
      {
        auth: {
          ...{ type: "m.login.password", session: "kept", password },
          identifier: { type: "m.id.user", user: "@memtrix:memtrix.local" },
        },
      },
    ]);
  });
});
