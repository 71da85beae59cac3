import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import { checkToken, logIn } from "../../src/homeserver/accounts.ts";
import { endpoints } from "../../src/homeserver/endpoints.ts";
import { askHomeserver } from "../../src/homeserver/homeserver-request.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { playHomeserver } from "./played-homeserver.ts";

const ask = (homeserver: string, more = {}) => askHomeserver({ homeserver, endpoint: endpoints.whoAmI, ...more });

describe("an address that is no homeserver", () => {
  it.each(["matrix.example.org", "ftp://example.org", "https://ada:secret@example.org", ""])(
    "is not of the form of one: %s",
    async (address) => {
      await expect(ask(address)).rejects.toThrow("A homeserver's address has the form https://matrix.example.org");
    },
  );

  it("has nobody listening", async () => {
    const url = `http://127.0.0.1:${await anyFree()}`;
    await expect(ask(url)).rejects.toThrow(
      `The homeserver at ${url} cannot be reached (connection refused). Check that it runs, and that the address is right.`,
    );
  });

  it("is a name that nobody has", async () => {
    await expect(ask("https://nowhere.invalid")).rejects.toThrow(
      /cannot be reached \((no such host|the name could not)/,
    );
  });

  it("is a website", async () => {
    const { url } = await playHomeserver(() => ({ status: 404, body: "<html>Not here</html>" }));
    await expect(ask(url)).rejects.toThrow(`What answers at ${url} is no Matrix homeserver.`);
  });

  it("is a proxy whose homeserver is down", async () => {
    const { url } = await playHomeserver(() => ({ status: 502, body: "<html>Bad gateway</html>" }));
    await expect(ask(url)).rejects.toThrow("is not up: what stands before it answers 502");
  });

  it("sends us on: nothing is sent there, the place is named", async () => {
    const { url, requests } = await playHomeserver(({ path }) => ({
      status: 308,
      headers: { location: `https://matrix.example.org${path}` },
    }));
    await expect(ask(url)).rejects.toThrow(
      `${url} sends us on to https://matrix.example.org: if that is your homeserver`,
    );
    expect(requests).toHaveLength(1);
  });

  it("takes the request and never answers", async () => {
    const { url } = await playHomeserver(() => undefined);
    await expect(ask(url, { limitMs: 100 })).rejects.toThrow(`The homeserver at ${url} did not answer within 0.1 s.`);
  });

  it("is asked in vain by one who gives up", async () => {
    const { url } = await playHomeserver(() => undefined);
    const reason = new Error("stopped by its owner");
    await expect(ask(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("breaks the connection off", async () => {
    const server = createServer((socket) => socket.once("data", () => socket.resetAndDestroy())).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(ask(url)).rejects.toThrow(`The homeserver at ${url} cannot be reached (the connection broke off).`);
  });

  it("has a certificate of its own making", async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject, ...files], {
      stdio: "ignore",
    });
    const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(ask(url)).rejects.toThrow(`The certificate of ${url} is not accepted: it is signed by itself.`);
  });

  it("has no TLS where https was said", async () => {
    const { url } = await playHomeserver(() => ({}));
    const secure = url.replace("http:", "https:");
    await expect(ask(secure)).rejects.toThrow(`${secure} does not speak TLS: if it is on your own network`);
  });
});

describe("a homeserver that wants us to wait", () => {
  it("is given the time that it asks for", async () => {
    let refused = 0;
    const { url, requests } = await playHomeserver(() =>
      refused++ < 2
        ? { status: 429, body: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 20 } }
        : { body: { done: 1 } },
    );
    expect((await ask(url)).body).toEqual({ done: 1 });
    expect(requests).toHaveLength(3);
  });

  it("is not waited for an hour", async () => {
    const { url } = await playHomeserver(() => ({ status: 429, body: { retry_after_ms: 3_600_000 } }));
    await expect(ask(url)).rejects.toThrow("takes no more requests for now; try again in 3600 s.");
  });
});

describe("logging in", () => {
  it("by password to a server that only knows single sign-on says what to do instead", async () => {
    const { url } = await playHomeserver(({ method }) =>
      method === "GET"
        ? { body: { flows: [{ type: "m.login.sso" }] } }
        : { status: 403, body: { errcode: "M_FORBIDDEN" } },
    );
    await expect(logIn({ homeserver: url, userId: "@ada:example.org", password: "a password" })).rejects.toThrow(
      `${url} takes no passwords from programs: log in with Element, and give the access token here.`,
    );
  });

  it("never says the password again, even when the server does", async () => {
    const { url } = await playHomeserver(({ body }) => ({
      status: 400,
      body: { errcode: "M_BAD_JSON", error: `not liked:\n${JSON.stringify(body)}` },
    }));
    await expect(logIn({ homeserver: url, userId: "@ada:example.org", password: "hush-hush" })).rejects.toThrow(
      /does not log @ada:example\.org in: not liked: .*"password":"…".* \(400 M_BAD_JSON\)\.$/,
    );
  });

  it("by a token that is of no device is refused, since nothing could be encrypted", async () => {
    const { url } = await playHomeserver(() => ({ body: { user_id: "@bridge:example.org" } }));
    await expect(checkToken({ homeserver: url, accessToken: "of a bridge" })).rejects.toThrow("belongs to no device");
  });
});
