import { describe, expect, it } from "vitest";
import { configSchema } from "../src/config/schema.ts";
import { ConfigError } from "../src/errors.ts";
import { openEgress } from "../src/open-egress.ts";

const config = (more: object) =>
  configSchema.parse({
    version: 1,
    "main-agent": { model: "m" },
    providers: { home: { type: "openai-compatible", base_url: "https://models.example.com:8443/v1" } },
    models: { m: { provider: "home", model: "x" } },
    ...more,
  });
const secrets = {
  resolve: <T>(value: T): T => JSON.parse(JSON.stringify(value).replace("$HOMESERVER", "https://matrix.example.com")),
};

describe("the way out, as the config has it", () => {
  it("is closed to the servers that Memtrix itself talks to, also where they are public", () => {
    const matrix = { type: "matrix", homeserver: "$HOMESERVER", user_id: "@a:b", access_token: "$T", owners: ["@o:b"] };
    const { judge, downloadBytes } = openEgress(
      config({
        channels: { matrix, cli: { type: "cli" } },
        memory: { chroma_url: "https://chroma.example.com" },
        search: { searxng_url: "https://search.example.com/searxng" },
      }),
      secrets,
    );
    for (const name of ["models", "matrix", "chroma", "search"])
      expect(judge(`https://${name}.example.com/`)).toMatchObject({
        allow: false,
        rule: "it is one of Memtrix's own servers",
      });
    expect(judge("https://www.example.com/").allow).toBe(true);
    expect(downloadBytes).toBe(50 * 1024 ** 2);
  });

  it("has the openings and the size of the owner", () => {
    const { judge, downloadBytes } = openEgress(
      config({ egress: { allow: ["nas.lan:5000"], download_mib: 7 } }),
      secrets,
    );
    expect(judge("http://nas.lan:5000/").allow).toBe(true);
    expect(downloadBytes).toBe(7 * 1024 ** 2);
  });

  it("tells the owner of an opening that is none", () => {
    expect(() => openEgress(config({ egress: { allow: ["http://nas.lan"] } }), secrets)).toThrow(ConfigError);
    expect(() => openEgress(config({ egress: { allow: ["http://nas.lan"] } }), secrets)).toThrow(
      /^egress\.allow in the config: "http:\/\/nas\.lan" is no host:port/,
    );
  });
});
