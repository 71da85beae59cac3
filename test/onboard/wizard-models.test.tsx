import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSetup } from "../../onboard/setup.ts";
import { startOllamaServer } from "../support/ollama-server.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { back, clear, configured, down, end, enter, openWizard } from "../support/wizard-person.tsx";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

const open = () => openWizard(home.path);

describe("the wizard and a server of models", () => {
  it("tells why a connection fails, and goes on when it is mended", async () => {
    await using server = await startOllamaServer({ models: { llama3: {} } });
    configured(home, "ollama", { base_url: "http://127.0.0.1:1" });
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
    configured(home, "ollama", { base_url: server.url }, "able");
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
    await sees("plain, holding 8,192 tokens in mind ! cannot call tools");
  });

  it("offers to fetch a model that is missing, and shows how far it is", async () => {
    const models: Record<string, object> = { llama3: {} };
    await using server = await startOllamaServer({
      models,
      pull: [{ status: "pulling", digest: "a", total: 100, completed: 40 }, { status: "success" }],
    });
    configured(home, "ollama", { base_url: server.url });
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
    configured(home, "openai-compatible", { base_url: `${server.url}/v1` }, "small-model");
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

describe("the wizard and a model that is fetched", () => {
  /** An Ollama whose fetching goes on by one line for each call of `send`. */
  async function startSlowOllama() {
    const pulls: { send(line: object): void; closed: Promise<void> }[] = [];
    let waiting: (() => void) | undefined;
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      if (request.url === "/api/tags") return response.end(JSON.stringify({ models: [{ name: "small" }] }));
      if (request.url === "/api/pull") {
        response.writeHead(200, { "content-type": "application/x-ndjson" });
        const closed = new Promise<void>((resolve) => response.on("close", resolve));
        pulls.push({ send: (line) => response.write(`${JSON.stringify(line)}\n`), closed });
        return waiting?.();
      }
      if (body.includes("small")) return response.end(JSON.stringify({ capabilities: ["tools"], model_info: {} }));
      return response.writeHead(404).end(JSON.stringify({ error: "model not found" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async pull() {
        while (pulls.length === 0) await new Promise<void>((resolve) => (waiting = resolve));
        return pulls.shift() as (typeof pulls)[number];
      },
      async [Symbol.asyncDispose]() {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  it("can be left with Esc, which ends the fetching, and begun again", async () => {
    await using server = await startSlowOllama();
    configured(home, "ollama", { base_url: server.url }, "small");
    const { walk, sees, press } = await open();
    await walk(
      ["What shall", enter],
      ["❯ mine", enter],
      ["Where does Ollama", enter],
      ["Which model?", "larger", enter],
      ["mine does not have larger. Fetch it now?", enter],
    );
    const first = await server.pull();
    first.send({ status: "pulling a", digest: "a", total: 100, completed: 40 });
    await sees("40 % pulling a");
    press(back);
    await sees("Fetch it now?");
    await first.closed;
    press(enter);
    const second = await server.pull();
    second.send({ status: "pulling a", digest: "a", total: 100, completed: 41 });
    await sees("41 % pulling a");
    second.send({ error: "no space left on device" });
    await sees("no space left on device");
    await sees("❯ Try again");
  });
});

describe("the wizard and several models", () => {
  it("takes another provider's beside the first, and asks which one to begin with", async () => {
    await using ollama = await startOllamaServer({ models: { able: {} } });
    await using vllm = await startOpenaiServer({ models: [{ id: "large", max_model_len: 65_536 }] });
    const { walk, save } = await openWizard(home.path, {
      change: (setup) => ({ ...setup, surroundings: { ...setup.surroundings, hosts: () => [] } }),
    });
    await walk(
      ["What shall", enter],
      ["❯ ollama", enter],
      ["Where does Ollama", clear, ollama.url, enter],
      ["Which model?", enter],
      ["How many tokens", enter],
      ["● able from ollama", down, enter],
      ["❯ ollama", down, down, enter],
      ["with its /v1", `${vllm.url}/v1`, enter],
      ["API key", "sk-canary", enter],
      ["Which model?", enter],
      ["How many tokens", enter],
      ["● large from openai-compatible", enter],
      ["❯ able from ollama", down, enter],
      ["Where will you talk", end, enter],
      ["Which time zone", enter],
      ["able (ollama)", enter],
    );
    await save();
    const { existing, secrets } = await openSetup(home.path);
    expect(existing?.["main-agent"]).toMatchObject({ model: "large", provider: "openai-compatible" });
    expect(existing?.models).toMatchObject({
      able: { provider: "ollama" },
      large: { provider: "openai-compatible", context_tokens: 16_384 },
    });
    expect(existing?.providers["openai-compatible"]?.api_key).toBe("$OPENAI_COMPATIBLE_API_KEY");
    expect(secrets.resolve("$OPENAI_COMPATIBLE_API_KEY")).toBe("sk-canary");
  });

  it("asks nothing anew about a provider that answered just now, and takes no model twice", async () => {
    await using ollama = await startOllamaServer({ models: { able: {}, other: {} } });
    configured(home, "ollama", { base_url: ollama.url }, "able");
    const { walk, sees, press, ended } = await open();
    await walk(
      ["What shall", enter],
      ["❯ mine", enter],
      ["Where does Ollama", enter],
      ["❯ able", enter],
      ["How many tokens", enter],
      ["another model?", down, enter],
      ["another model of it", enter],
      ["chosen already", enter],
      ["! able is chosen already.", down, enter],
      ["How many tokens", enter],
      ["● other from mine", back],
      ["How many tokens", back],
      ["❯ other", back],
      ["❯ mine", back],
    );
    await sees("❯ Yes, add one");
    press("\u001b[A", enter);
    await walk(["❯ This terminal only", enter], ["Which time zone", enter], ["Is this right?", enter]);
    expect(await ended()).toMatchObject({ model: { id: "able" }, others: [] });
  });
});
