import { EventEmitter } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { render } from "ink";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answers } from "../../onboard/answers.ts";
import { openSetup } from "../../onboard/setup.ts";
import { Wizard } from "../../onboard/wizard.tsx";
import { writeSetup } from "../../onboard/write.ts";
import { startOllamaServer } from "../support/ollama-server.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const enter = "\r";
const back = "\u001b";
const down = "\u001b[B";
const clear = "\u0015";

/** A terminal of 80 columns: keys go in, and what stands on the screen can be waited for. */
function terminal() {
  const frames = new EventEmitter();
  let screen = "";
  const stdout = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    write(frame: string, ...rest: unknown[]) {
      screen = frame;
      frames.emit("frame");
      const written = rest.find((each) => typeof each === "function");
      written?.();
      return true;
    },
  });
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    pending: [] as string[],
    read: () => stdin.pending.shift() ?? null,
    setEncoding() {},
    setRawMode() {},
    resume() {},
    pause() {},
    ref() {},
    unref() {},
  });
  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    screen: () => screen,
    press(...keys: string[]) {
      for (const key of keys) {
        stdin.pending.push(key);
        stdin.emit("readable");
      }
    },
    /** Resolves once the screen says this, and listens to keys. */
    async sees(words: string) {
      while (!screen.includes(words)) await new Promise((resolve) => frames.once("frame", resolve));
      // React attaches what listens to keys after the frame is out.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

let home: TemporaryHome;
const opened: { unmount(): void }[] = [];
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => {
  for (const app of opened.splice(0)) app.unmount();
  home[Symbol.dispose]();
});

/** Opens the wizard as it is on this home. */
async function open() {
  const setup = await openSetup(home.path);
  const person = terminal();
  let answers: Answers | undefined;
  const take = async (taken: Answers) => {
    answers = taken;
  };
  const app = render(<Wizard setup={setup} work={take} onDone={() => {}} />, {
    ...person,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  opened.push(app);
  await person.sees("What shall your agent be called?");
  const ended = async () => {
    await app.waitUntilExit();
    return answers;
  };
  const save = async () => {
    const given = await ended();
    if (given) await writeSetup({ ...setup, answers: given });
  };
  return { ...person, ended, save };
}

/** A homeserver that knows one token. */
async function startHomeserver(userId: string, token: string) {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    const account = isKnown ? { user_id: userId, device_id: "D" } : { errcode: "M_UNKNOWN_TOKEN" };
    response.writeHead(request.url?.endsWith("/whoami") && !isKnown ? 401 : 200);
    response.end(JSON.stringify(request.url?.endsWith("/versions") ? { versions: ["v1.12"] } : account));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Sets up a home whose models come from this address. */
function configured(type: string, settings: object, model = "llama3"): void {
  home.write("data/config.json", {
    version: 1,
    "main-agent": { name: "Ada", model },
    timezone: "UTC",
    providers: { mine: { type, ...settings } },
    models: { [model]: { provider: "mine", model, context_tokens: 8192 } },
  });
}

describe("the wizard", () => {
  it("asks one thing after another, shows all, and only then gives the answers", async () => {
    const { press, sees, screen, ended } = await open();
    press(clear, "Bea", enter);
    await sees("Where do its models come from?");
    await sees("rehearsal");
    press("\u001b[F", enter);
    await sees("Which model?");
    press(enter);
    await sees("How many tokens");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("Where will you talk to it?");
    press("\u001b[F", enter);
    await sees("Which time zone");
    press("lisb", enter);
    await sees("Is this right?");
    expect(screen()).toContain("Nothing has been written yet.");
    expect(readdirSync(home.path)).toEqual([]);
    press(enter);
    expect(await ended()).toMatchObject({
      name: "Bea",
      provider: { section: "rehearsal", type: "rehearsal" },
      model: { id: "rehearsal", contextTokens: 16_384 },
      channel: "cli",
      timezone: "Europe/Lisbon",
    });
  });

  it("goes back with Esc, and knows what was said", async () => {
    const { press, sees, screen } = await open();
    press(clear, "Bea", enter);
    await sees("rehearsal");
    press(back);
    await sees("What shall your agent be called?");
    expect(screen()).toContain("› Bea");
  });

  it("that is left with Ctrl-C gives nothing and leaves nothing", async () => {
    const { press, sees, ended } = await open();
    press("x", enter);
    await sees("Where do its models come from?");
    press("\u0003");
    expect(await ended()).toBeUndefined();
    expect(readdirSync(home.path)).toEqual([]);
  });

  it("says what is wrong with an answer, and takes a better one", async () => {
    const { press, sees } = await open();
    press(clear, enter);
    await sees("! The agent needs a name.");
    press("Ada", enter);
    await sees("Where do its models come from?");
  });

  it("takes keys that come in one piece", async () => {
    const { press, sees } = await open();
    press(`${clear}Adx\u007fa${enter}`);
    await sees("Where do its models come from?");
    press(back);
    await sees("› Ada");
  });
});

describe("the wizard, run again", () => {
  it("begins with what is there, and Enter all the way changes nothing", async () => {
    await using server = await startOllamaServer({ models: { llama3: { contextTokens: 131_072 }, other: {} } });
    configured("ollama", { base_url: server.url });
    const { press, sees, screen, ended } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("Where does Ollama listen?");
    expect(screen()).toContain(server.url);
    press(enter);
    await sees("❯ llama3");
    press(enter);
    await sees("itself holds up to 131,072");
    expect(screen()).toContain("› 8192");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("❯ This terminal only");
    press(enter);
    await sees("❯ UTC");
    press(enter);
    await sees("Is this right?");
    press(enter);
    expect(await ended()).toMatchObject({
      name: "Ada",
      provider: { section: "mine", settings: { base_url: server.url } },
      model: { id: "llama3", contextTokens: 8192 },
    });
  });
});

describe("the wizard and Matrix", () => {
  /** As far as the question where the agent is talked to. */
  async function openToChannel() {
    const wizard = await open();
    wizard.press(enter);
    await wizard.sees("rehearsal");
    wizard.press("\u001b[F", enter);
    await wizard.sees("Which model?");
    wizard.press(enter);
    await wizard.sees("How many tokens");
    wizard.press(enter);
    await wizard.sees("Shall it have another model?");
    wizard.press(enter);
    await wizard.sees("Where will you talk to it?");
    return wizard;
  }

  it("on this machine asks for nothing but a name", async () => {
    const { press, sees, screen, ended } = await openToChannel();
    await sees("❯ Matrix, on this machine");
    press(enter);
    await sees("What shall your own account be called?");
    press("Ada!", enter);
    await sees("! A name has small letters");
    press(clear, "ada", enter);
    await sees("Which time zone");
    press(enter);
    await sees("Is this right?");
    expect(screen()).toContain("on a homeserver of your own");
    expect(readdirSync(home.path)).toEqual([]);
    press(enter);
    expect(await ended()).toMatchObject({ channel: "matrix", matrix: { kind: "here", owner: "ada" } });
  });

  it("elsewhere really asks the homeserver, and hides the token", async () => {
    await using server = await startHomeserver("@memtrix:example.org", "right-token");
    const { press, sees, screen, ended } = await openToChannel();
    press(down, enter);
    await sees("Which homeserver?");
    press("http://127.0.0.1:1", enter);
    await sees("! ");
    press(clear, server.url, enter);
    await sees("How does the agent get its account?");
    press(enter);
    await sees("What is the access token");
    press("wrong-token", enter);
    await sees("! ");
    expect(screen()).not.toContain("wrong-token");
    press(clear, "right-token", enter);
    await sees("Who are its owners?");
    press("ada", enter);
    await sees("! Write the whole id, with the server");
    press(clear, "@ada:example.org, @bea:example.org", enter);
    await sees("Which time zone");
    press(enter);
    await sees("Is this right?");
    expect(screen()).toContain("by its access token");
    expect(screen()).not.toContain("right-token");
    press(enter);
    expect(await ended()).toMatchObject({
      channel: "matrix",
      matrix: {
        kind: "elsewhere",
        homeserver: server.url,
        login: { by: "token", accessToken: "right-token" },
        owners: ["@ada:example.org", "@bea:example.org"],
      },
    });
  });

  it("that is set up already is kept by Enter", async () => {
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
    const { press, sees, ended } = await openToChannel();
    await sees("❯ Matrix, as it is set up now");
    press(enter);
    await sees("› @ada:memtrix.local");
    press(enter);
    await sees("Which time zone");
    press(enter);
    await sees("Is this right?");
    press(enter);
    expect(await ended()).toMatchObject({
      channel: "matrix",
      matrix: { kind: "kept", owners: ["@ada:memtrix.local"] },
    });
  });
});

describe("the wizard and a server of models", () => {
  it("tells why a connection fails, and goes on when it is mended", async () => {
    await using server = await startOllamaServer({ models: { llama3: {} } });
    configured("ollama", { base_url: "http://127.0.0.1:1" });
    const { press, sees } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("Where does Ollama listen?");
    press(enter);
    await sees("❯ Try again");
    await sees("127.0.0.1:1");
    press(down, enter);
    await sees("Where does Ollama listen?");
    press(clear, server.url.replace("http://", ""), enter);
    await sees("mine answers: one model.");
  });

  it("marks models that cannot call tools, and finds by typing", async () => {
    await using server = await startOllamaServer({
      models: { plain: { capabilities: ["completion"] }, able: { contextTokens: 32_768 } },
    });
    configured("ollama", { base_url: server.url }, "able");
    const { press, sees, screen } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("Where does Ollama listen?");
    press(enter);
    await sees("Which model?");
    expect(screen()).toMatch(/able +32k · tools[\s\S]*plain +! cannot call tools/);
    press("pla");
    await sees("❯ plain");
    expect(screen()).not.toContain("able ");
    press(enter);
    await sees("plain cannot call tools");
    press(enter);
    await sees("Which model?");
    press("plain", enter);
    await sees("plain cannot call tools");
    press(down, enter);
    await sees("How many tokens");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("❯ This terminal only");
    press(enter);
    await sees("Which time zone");
    press(enter);
    await sees("! plain cannot call tools: it can only talk.");
  });

  it("offers to fetch a model that is missing, and shows how far it is", async () => {
    const models: Record<string, object> = { llama3: {} };
    await using server = await startOllamaServer({
      models,
      pull: [{ status: "pulling", digest: "a", total: 100, completed: 40 }, { status: "success" }],
    });
    configured("ollama", { base_url: server.url });
    const { press, sees } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("Where does Ollama listen?");
    press(enter);
    await sees("Which model?");
    press("newer", enter);
    await sees("mine does not have newer. Fetch it now?");
    models.newer = { contextTokens: 16_384 };
    press(enter);
    await sees("newer itself holds up to 16,384");
    expect(server.asked).toContain("POST /api/pull");
  });

  it("hides a key while it is typed, and puts it into .env alone", async () => {
    await using server = await startOpenaiServer({ models: [{ id: "small-model", max_model_len: 16_384 }] });
    configured("openai-compatible", { base_url: `${server.url}/v1` }, "small-model");
    const { press, sees, screen, save } = await open();
    press(enter);
    await sees("❯ mine");
    press(enter);
    await sees("with its /v1");
    press(enter);
    await sees("API key");
    press("sk-canary");
    await sees("•••••••••");
    expect(screen()).not.toContain("sk-canary");
    press(enter);
    await sees("Which model?");
    press(enter);
    await sees("How many tokens");
    press(enter);
    await sees("Shall it have another model?");
    press(enter);
    await sees("❯ This terminal only");
    press(enter);
    await sees("Which time zone");
    press(enter);
    await sees("(goes into .env)");
    expect(screen()).not.toContain("sk-canary");
    press(enter);
    await save();
    const again = await openSetup(home.path);
    expect(again.existing?.providers.mine?.api_key).toBe("$MINE_API_KEY");
    expect(again.secrets.resolve("$MINE_API_KEY")).toBe("sk-canary");
  });
});
