import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PlayedAnswer, type PlayedRequest, playHomeserver } from "../homeserver/played-homeserver.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { back, clear, down, end, enter, openWizard } from "../support/wizard-person.tsx";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

/** As far as the question where the agent is talked to. */
async function openToChannel() {
  const wizard = await openWizard(home.path);
  await wizard.walk(
    ["What shall your agent", enter],
    ["rehearsal", end, enter],
    ["Which model?", enter],
    ["How many tokens", enter],
    ["another model?", enter],
  );
  await wizard.sees("Where will you talk to it?");
  return wizard;
}

/** A homeserver with one account, by its token or password, and one registration token. */
function homeserver({ open = true, tellsTokens = true } = {}) {
  return ({ method, path, body, authorization }: PlayedRequest): PlayedAnswer => {
    const place = path.replace("/_matrix/client", "");
    if (place === "/versions") return { body: { versions: ["v1.12"] } };
    if (place === "/v3/account/whoami")
      return authorization === "Bearer right-token"
        ? { body: { user_id: "@memtrix:example.org", device_id: "D" } }
        : { status: 401, body: { errcode: "M_UNKNOWN_TOKEN" } };
    if (place === "/v3/login" && method === "GET") return { body: { flows: [{ type: "m.login.password" }] } };
    if (place === "/v3/login")
      return body?.password === "right-password"
        ? { body: { user_id: "@memtrix:example.org", device_id: "D", access_token: "a-token" } }
        : { status: 403, body: { errcode: "M_FORBIDDEN" } };
    if (place === "/v3/logout") return {};
    if (place === "/v3/register" && !open)
      return { status: 403, body: { errcode: "M_FORBIDDEN", error: "Registration has been disabled" } };
    if (place === "/v3/register")
      return { status: 401, body: { session: "s", flows: [{ stages: ["m.login.registration_token"] }] } };
    if (place.startsWith("/v1/register/") && tellsTokens) return { body: { valid: place.endsWith("token=let-me-in") } };
    return { status: 404, body: { errcode: "M_UNRECOGNIZED" } };
  };
}

describe("the wizard and a homeserver of one's own", () => {
  it("asks for nothing but a name, and has one to begin with", async () => {
    const { walk, sees, screen, press, ended } = await openToChannel();
    await walk(
      ["❯ Matrix, on this machine", enter],
      ["What shall your own account be called?", clear, "Ada!", enter],
      ["! A name has small letters", clear, "ada", enter],
      ["Which time zone", enter],
    );
    await sees("Is this right?");
    expect(screen()).toContain("on a homeserver of your own");
    expect(readdirSync(home.path)).toEqual([]);
    press(enter);
    expect(await ended()).toMatchObject({ channel: "matrix", matrix: { kind: "here", owner: "ada" } });
  });

  it("needs nothing but Enter", async () => {
    const { walk, ended } = await openToChannel();
    await walk(
      ["❯ Matrix, on this machine", enter],
      ["your own account be called?", enter],
      ["Which time zone", enter],
      ["Is this right?", enter],
    );
    expect(await ended()).toMatchObject({ matrix: { kind: "here", owner: expect.stringMatching(/^[a-z]/) } });
  });
});

describe("the wizard and a homeserver elsewhere", () => {
  it("tells what is wrong with an address on the same screen, until there is a homeserver", async () => {
    const website = await playHomeserver(() => ({
      body: "<html></html>",
      headers: { "content-type": "text/html" },
    }));
    const server = await playHomeserver(homeserver());
    const { walk, sees } = await openToChannel();
    await walk(
      ["Where will you talk", down, enter],
      ["Which homeserver?", enter],
      ["! A homeserver's address has the form", clear, "http://127.0.0.1:9", enter],
      ["! The homeserver at http://127.0.0.1:9 cannot be reached", enter],
      ["! The homeserver at http://127.0.0.1:9 cannot be reached", clear, website.url, enter],
      ["is no Matrix homeserver", clear, server.url, enter],
    );
    await sees("How does the agent get its account?");
  });

  it("really tries the token, hides it, and knows whose it is", async () => {
    const server = await playHomeserver(homeserver());
    const { walk, sees, screen, press, ended } = await openToChannel();
    await walk(
      ["Where will you talk", down, enter],
      ["Which homeserver?", server.url, enter],
      ["How does the agent", enter],
      ["What is the access token", enter],
      ["! It is needed to log in.", "wrong-token", enter],
    );
    await sees("does not know this access token");
    expect(screen()).not.toContain("wrong-token");
    await walk(
      ["•", clear, "right-token", enter],
      ["Who are its owners?", "ada", enter],
      ["! Write the whole id, with the server", clear, "@memtrix:example.org", enter],
      ["is the agent's own account", clear, "@ada:example.org, @bea:example.org", enter],
      ["Which time zone", enter],
    );
    await sees("Is this right?");
    expect(screen()).toContain("as @memtrix:example.org at http://127.0.0.1");
    expect(screen()).not.toContain("right-token");
    press(enter);
    expect(await ended()).toMatchObject({
      channel: "matrix",
      matrix: {
        ...{ kind: "elsewhere", homeserver: server.url, owners: ["@ada:example.org", "@bea:example.org"] },
        login: { by: "token", accessToken: "right-token" },
      },
    });
  });

  it("really tries the password, and leaves no login behind", async () => {
    const server = await playHomeserver(homeserver());
    const { walk, sees } = await openToChannel();
    await walk(
      ["Where will you talk", down, enter],
      ["Which homeserver?", server.url, enter],
      ["How does the agent", down, enter],
      ["Which account is the agent's?", "@memtrix:example.org", enter],
      ["What is its password?", "wrong", enter],
      ["knows no account @memtrix:example.org with that password", clear, "right-password", enter],
    );
    await sees("Who are its owners?");
    expect(server.requests.map(({ path }) => path.split("/").at(-1)).slice(-2)).toEqual(["login", "logout"]);
  });

  const toRegistration = async (url: string) => {
    const wizard = await openToChannel();
    await wizard.walk(
      ["Where will you talk", down, enter],
      ["Which homeserver?", url, enter],
      ["How does the agent", end, enter],
      ["Which account is the agent's?", "@memtrix:example.org", enter],
      ["What is the registration token", "let-me-out", enter],
    );
    return wizard;
  };

  it("says that a registration token is wrong before an account is made by it", async () => {
    const server = await playHomeserver(homeserver());
    const { walk, sees } = await toRegistration(server.url);
    await walk(["does not take the registration token", clear, "let-me-in", enter]);
    await sees("Who are its owners?");
    expect(server.requests.filter(({ body }) => body?.username)).toEqual([]);
  });

  it("says that registration is closed, and lets another way be chosen", async () => {
    const server = await playHomeserver(homeserver({ open: false }));
    const { walk, sees } = await toRegistration(server.url);
    await walk(
      ["its registration is closed (Registration has been disabled)", back],
      ["Which account is the agent's?", back],
    );
    await sees("❯ Make one: I have a registration token");
  });

  it("takes the token of a homeserver that does not tell beforehand (Conduit)", async () => {
    const server = await playHomeserver(homeserver({ tellsTokens: false }));
    const { sees } = await toRegistration(server.url);
    await sees("Who are its owners?");
  });
});

describe("the wizard and Matrix that is set up already", () => {
  it("keeps it by Enter", async () => {
    home.write("data/config.json", {
      version: 1,
      "main-agent": { name: "Ada", model: "rehearsal", channel: "matrix" },
      timezone: "UTC",
      providers: { rehearsal: { type: "rehearsal" } },
      models: { rehearsal: { provider: "rehearsal", model: "rehearsal", context_tokens: 8192 } },
      channels: {
        matrix: {
          ...{ type: "matrix", homeserver: "http://127.0.0.1:6167", user_id: "@memtrix:memtrix.local" },
          ...{ access_token: "$MATRIX_ACCESS_TOKEN", owners: ["@ada:memtrix.local"] },
        },
      },
    });
    const { walk, ended } = await openToChannel();
    await walk(
      ["❯ Matrix, as it is set up now", enter],
      ["› @ada:memtrix.local", enter],
      ["Which time zone", enter],
      ["Is this right?", enter],
    );
    expect(await ended()).toMatchObject({
      channel: "matrix",
      matrix: { kind: "kept", owners: ["@ada:memtrix.local"] },
    });
  });
});
