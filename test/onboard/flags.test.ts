import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOllamaServer } from "../support/ollama-server.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const program = join(import.meta.dirname, "../../src/main.ts");
const rehearsal = ["--name", "Ada", "--provider", "rehearsal", "--channel", "cli", "--timezone", "UTC"];

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

interface Options {
  env?: Record<string, string>;
  stdin?: string;
}

/** Runs `memtrix onboard` as anyone would, without a terminal. */
async function onboard(argv: string[], { env = {}, stdin = "" }: Options = {}) {
  const child = spawn(process.execPath, [program, "onboard", ...argv], {
    env: { ...process.env, MEMTRIX_HOME: home.path, ...env },
  });
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}

function read(name: string): string {
  return readFileSync(join(home.path, name), "utf8");
}

function config() {
  return JSON.parse(read("data/config.json"));
}

describe("memtrix onboard with flags", () => {
  it("sets up what is needed to begin, and says what to type next", async () => {
    const { code, out, err } = await onboard(rehearsal);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/To talk to Ada type: npm start\n$/);
    expect(config()).toMatchObject({
      version: 1,
      "main-agent": { name: "Ada", provider: "rehearsal", model: "rehearsal", channel: "cli" },
      timezone: "UTC",
      providers: { rehearsal: { type: "rehearsal" } },
      models: { rehearsal: { provider: "rehearsal", model: "rehearsal", context_tokens: 16_384 } },
    });
    expect(readdirSync(join(home.path, "workspace")).sort()).toEqual([
      "AGENT.md",
      "BEHAVIOR.md",
      "MEMORY.md",
      "SOUL.md",
      "USER.md",
    ]);
    expect(statSync(join(home.path, "data/config.json")).mode & 0o777).toBe(0o600);
  });

  it("names all that is missing at once and ends with 2", async () => {
    const { code, err } = await onboard([]);
    expect(code).toBe(2);
    for (const flag of ["--name", "--provider", "--model", "--channel", "--timezone"])
      expect(err).toContain(`  ${flag}  `);

    const partly = await onboard(["--provider", "openrouter", "--name", "Ada", "--timezone", "UTC"]);
    expect(partly.code).toBe(2);
    for (const flag of ["--api-key-env", "--model", "--channel"]) expect(partly.err).toContain(`  ${flag}  `);
    expect(partly.err).not.toContain("--name");
    expect(readdirSync(home.path)).toEqual([]);
  });

  it.each([
    [["--provider", "magic"], /there is no "magic"; there are ollama, openai-compatible, openrouter, rehearsal/],
    [["--timezone", "Middle/Earth"], /There is no time zone "Middle\/Earth"/],
    [["--name", " "], /--name: The agent needs a name/],
    [["--channel", "pigeon"], /--channel: it must be cli/],
    [["--base-url", "http://x"], /--base-url is not a setting of this provider/],
    [["--context-tokens", "999999"], /--context-tokens: The model itself holds 16,384 tokens/],
    [["--context-tokens", "many"], /--context-tokens: This must be a whole number/],
    [["--wings", "2"], /Unknown option '--wings'; see: memtrix onboard --help/],
    [["--answers", "/nowhere.json"], /The answers in \/nowhere\.json cannot be read/],
  ])("refuses %j in a sentence", async (flags, words) => {
    const { code, err } = await onboard([...rehearsal, ...flags]);
    expect(err).toMatch(words);
    expect(code).toBe(2);
    expect(readdirSync(home.path)).toEqual([]);
  });

  it("takes answers from a file, and flags over them", async () => {
    const file = home.write("answers.json", { name: "Ada", provider: "rehearsal", channel: "cli", timezone: "UTC" });
    expect(await onboard(["--answers", file, "--name", "Bea"])).toMatchObject({ code: 0 });
    expect(config()["main-agent"].name).toBe("Bea");

    const typed = JSON.stringify({ name: "Cleo" });
    expect(await onboard(["--answers", "-"], { stdin: typed })).toMatchObject({ code: 0 });
    expect(config()["main-agent"].name).toBe("Cleo");

    const wrong = home.write("answers.json", { nam: "Ada" });
    expect(await onboard(["--answers", wrong])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"nam" is not an'),
    });
  });

  it("explains itself, with the settings of every provider", async () => {
    const { code, out } = await onboard(["--help"]);
    expect(code).toBe(0);
    for (const words of ["--base-url VALUE", "--api-key-env VARIABLE", "--api-key-stdin", "--answers FILE.json"])
      expect(out).toContain(words);
  });

  it("run again, changes what is said and keeps the rest, the owner's files too", async () => {
    await onboard(rehearsal);
    home.write("workspace/SOUL.md", "mine");
    const edited = { ...config(), limits: { steps: 3 } };
    home.write("data/config.json", edited);

    expect(await onboard(["--timezone", "Europe/Lisbon"])).toMatchObject({ code: 0 });
    expect(config()).toMatchObject({ timezone: "Europe/Lisbon", limits: { steps: 3 }, "main-agent": { name: "Ada" } });
    expect(read("workspace/SOUL.md")).toBe("mine");
  });

  it("does not write over a config that is broken", async () => {
    home.write("data/config.json", "{");
    expect(await onboard(rehearsal)).toMatchObject({ code: 1, err: expect.stringContaining("not JSON at line 1") });
    expect(read("data/config.json")).toBe("{");
  });
});

describe("a server of models", () => {
  const ollama = (url: string) => [
    "--name",
    "Ada",
    "--provider",
    "ollama",
    "--base-url",
    url,
    "--channel",
    "cli",
    "--timezone",
    "UTC",
  ];

  it("is really asked: its models are named, and the window keeps within the model's own", async () => {
    await using server = await startOllamaServer({
      models: { small: { contextTokens: 8192 }, large: { contextTokens: 131_072 } },
    });
    const unsaid = await onboard(ollama(server.url));
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining("--model  which of: small, large") });

    expect(await onboard([...ollama(server.url), "--model", "small"])).toMatchObject({ code: 0 });
    expect(config().models.small.context_tokens).toBe(8192);
    expect(await onboard(["--model", "large", "--context-tokens", "32768"])).toMatchObject({ code: 0 });
    expect(config().models.large.context_tokens).toBe(32_768);
    expect(config()["main-agent"].model).toBe("large");
  });

  it("that lacks the model: says how to get it, and fetches it when told to", async () => {
    await using server = await startOllamaServer({
      models: { other: {} },
      pull: [{ status: "pulling" }, { status: "success" }],
    });
    const asked = await onboard([...ollama(server.url), "--model", "llama3"]);
    expect(asked).toMatchObject({ code: 1, err: expect.stringMatching(/ollama pull llama3[\s\S]*--pull/) });
    expect(readdirSync(home.path)).toEqual([]);

    const pulled = await onboard([...ollama(server.url), "--model", "llama3", "--pull"]);
    expect(server.asked).toContain("POST /api/pull");
    expect(pulled.err).toContain("100 %");
  });

  it("whose model cannot call tools: says what that means", async () => {
    await using server = await startOllamaServer({ models: { plain: { capabilities: ["completion"] } } });
    const { code, err } = await onboard([...ollama(server.url), "--model", "plain"]);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("plain cannot call tools") });
  });

  it("that is not there: one sentence, nothing written; --no-check writes all the same", async () => {
    const flags = [...ollama("http://127.0.0.1:1"), "--model", "llama3"];
    const refused = await onboard(flags);
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/127\.0\.0\.1:1[\s\S]*add: --no-check/) });
    expect(readdirSync(home.path)).toEqual([]);
    expect(await onboard([...flags, "--no-check"])).toMatchObject({ code: 0 });
  });
});

describe("API keys", () => {
  const key = "sk-canary-1234567890";
  const flags = (section: string, url: string) => [
    ...["--name", "Ada", "--provider", "openai-compatible", "--provider-name", section, "--base-url", `${url}/v1`],
    ...["--channel", "cli", "--timezone", "UTC"],
  ];

  it("go into .env under a name of their own, and into nothing else", async () => {
    await using server = await startOpenaiServer();
    const first = await onboard([...flags("my-vllm", server.url), "--api-key-env", "THE_KEY"], {
      env: { THE_KEY: key },
    });
    const second = await onboard([...flags("my_vllm", server.url), "--api-key-stdin"], {
      stdin: "sk-other-987654321\n",
    });

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(config().providers).toMatchObject({
      "my-vllm": { type: "openai-compatible", api_key: "$MY_VLLM_API_KEY" },
      my_vllm: { type: "openai-compatible", api_key: "$MY_VLLM_API_KEY_2" },
    });
    expect(read(".env")).toBe(
      `MEMTRIX_SECRET_MY_VLLM_API_KEY=${key}\nMEMTRIX_SECRET_MY_VLLM_API_KEY_2=sk-other-987654321\n`,
    );
    expect(statSync(join(home.path, ".env")).mode & 0o777).toBe(0o600);
    expect(read("data/config.json") + first.out + first.err + second.out + second.err).not.toMatch(/sk-(canary|other)/);
  });

  it("that are in .env already are found there; another one takes the place of the old", async () => {
    await using server = await startOpenaiServer();
    home.write(".env", `# mine\nMEMTRIX_SECRET_MY_VLLM_API_KEY=${key}\n`);
    expect(await onboard(flags("my-vllm", server.url))).toMatchObject({ code: 0 });
    expect(config().providers["my-vllm"].api_key).toBe("$MY_VLLM_API_KEY");

    expect(await onboard(["--api-key-stdin"], { stdin: "sk-new-key" })).toMatchObject({ code: 0 });
    expect(read(".env")).toBe("# mine\nMEMTRIX_SECRET_MY_VLLM_API_KEY=sk-new-key\n");
  });

  it.each([["--api-key", key], [`--api-key=${key}`]])("are not taken from the command line (%s)", async (...words) => {
    const { code, out, err } = await onboard([...flags("my-vllm", "http://127.0.0.1:1"), ...words]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("--api-key-env NAME");
    expect(err).not.toContain(key);
  });

  it("that the variable does not hold are missed by the variable's name", async () => {
    const { code, err } = await onboard([...flags("my-vllm", "http://127.0.0.1:1"), "--api-key-env", "NOT_SET"]);
    expect({ code, err }).toEqual({ code: 2, err: "--api-key-env: the variable NOT_SET is empty or not set.\n" });
  });
});
