import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { loadSecrets } from "../../src/config/secrets.ts";
import { openStore } from "../../src/store/store.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary.ts";

function lay(home: string, files: Record<string, string>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(home, name, ".."), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  return home;
}

/** As Memtrix in Python leaves it after some weeks. */
function oldInstallation(): string {
  const folder = lay(temporaryFolder(), {
    ".env": 'MEMTRIX_SECRET_MATRIX_ACCESS_TOKEN=old-token\nMEMTRIX_SECRET_OPENROUTER_API_KEY="sk-or-1234567"\n',
    "data/config.json": JSON.stringify({
      "main-agent": {
        name: "Ada's",
        provider: "my-ollama",
        model: "my-model",
        channel: "matrix",
        sessions: {},
        verbose: true,
      },
      "workspace-directory": "/home/memtrix/workspace",
      providers: {
        "my-ollama": { type: "ollama", base_url: "http://192.168.1.5:11434" },
        "my-openrouter": { type: "openrouter", api_key: "$OPENROUTER_API_KEY" },
        local: { type: "openai_compatible", base_url: "http://127.0.0.1:8080/v1", api_key: "sk-in-the-open" },
        odd: { type: "something" },
      },
      models: {
        "my-model": { provider: "my-ollama", model: "llama3", think: true },
        "odd-model": { provider: "odd", model: "x" },
      },
      channels: {
        matrix: {
          type: "matrix",
          homeserver: "http://conduit:6167",
          user_id: "@memtrix:memtrix.local",
          access_token: "$MATRIX_ACCESS_TOKEN",
        },
        cli: { type: "cli" },
      },
      agents: {
        cook: {
          description: "recipes",
          display_name: "Cook",
          model: "my-model",
          matrix_user_id: "@cook:memtrix.local",
          matrix_access_token: "cook-token-in-the-open",
          workspace: "/home/memtrix/agents/cook",
          sessions: {},
        },
      },
      registration_token: "$REGISTRATION_TOKEN",
    }),
    "data/sessions/2026-10-01/x.json": "[]",
    "workspace/AGENT.md": "the frame of the old one",
    "workspace/USER.md": "Ada lives in Lisbon.",
    "workspace/MEMORY.md": "Ada likes tea.",
    "workspace/memory/2026-10-01.md": "# 2026-10-01\n\n## Notes\n- We talked about cake.\n",
    "workspace/downloads/page.md": "from the web",
    "workspace/notes/list.md": "milk",
    "agents/cook/SOUL.md": "I am Cook.",
    "agents/cook/memory/2026-10-02.md": "# 2026-10-02\n",
  });
  symlinkSync("/home/memtrix/workspace/USER.md", join(folder, "agents/cook/USER.md"));
  return folder;
}

const run = (home: string, ...argv: string[]) =>
  program({ home }).start(["import", ...argv], { limitMs: 60_000 }).ended;
const read = (home: string, name: string) => readFileSync(join(home, name), "utf8");
const owner = ["--owner", "@ada:memtrix.local"];

describe("memtrix import", { timeout: 120_000 }, () => {
  it("takes config, secrets, workspace, journals and agents over, and changes nothing there", async () => {
    const [old, home] = [oldInstallation(), temporaryFolder()];
    const before = read(old, "data/config.json");
    const { code, stdout, stderr } = await run(home, old, ...owner);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

    const config = await loadConfig(home);
    expect(config["main-agent"]).toMatchObject({ name: "Ada's", model: "my-model", channel: "matrix", verbose: true });
    expect(config["workspace-directory"]).toBe("workspace");
    expect(config.providers).toEqual({
      "my-ollama": { type: "ollama", base_url: "http://192.168.1.5:11434" },
      "my-openrouter": { type: "openrouter", api_key: "$OPENROUTER_API_KEY" },
      local: { type: "openai-compatible", base_url: "http://127.0.0.1:8080/v1", api_key: "$LOCAL_API_KEY" },
    });
    expect(config.models).toMatchObject({ "my-model": { provider: "my-ollama", model: "llama3", think: true } });
    expect(config.channels.matrix).toMatchObject({
      owners: ["@ada:memtrix.local"],
      access_token: "$MATRIX_ACCESS_TOKEN",
    });
    expect(config.agents.cook).toMatchObject({
      ...{ name: "Cook", description: "recipes", user_id: "@cook:memtrix.local", access_token: "$COOK_ACCESS_TOKEN" },
    });
    expect(loadSecrets(home, {}).resolve(["$MATRIX_ACCESS_TOKEN", "$COOK_ACCESS_TOKEN", "$LOCAL_API_KEY"])).toEqual([
      "old-token",
      "cook-token-in-the-open",
      "sk-in-the-open",
    ]);
    expect(statSync(join(home, ".env")).mode & 0o777).toBe(0o600);
    expect(read(home, "data/config.json")).not.toMatch(/in-the-open|old-token/);
    expect(stdout).not.toMatch(/in-the-open|old-token|sk-or/);

    expect(read(home, "workspace/USER.md")).toBe("Ada lives in Lisbon.");
    expect(read(home, "workspace/AGENT.python.md")).toBe("the frame of the old one");
    expect(read(home, "workspace/memory/2026-10-01.md")).toContain("cake");
    expect(read(home, "agents/cook/SOUL.md")).toBe("I am Cook.");
    expect(existsSync(join(home, "agents/cook/USER.md"))).toBe(false);
    using store = openStore(join(home, "data"));
    expect(store.fileOrigins("main").get("downloads/page.md")).toBe("web");
    expect(store.fileOrigins("main").get("notes/list.md")).toBeUndefined();
    expect(stdout).toContain("odd is left out: there is no something here");
    expect(stdout).toContain("odd-model is left out");
    expect(stdout).toContain("conversations are not taken over");
    expect(stdout).toContain('"registration_token" of the old config has no place here');
    expect(read(old, "data/config.json")).toBe(before);
  });

  it("with --dry-run says the same and writes nothing", async () => {
    const [old, home] = [oldInstallation(), temporaryFolder()];
    const { code, stdout } = await run(home, old, "--dry-run", ...owner);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^This would be taken over \(nothing was written\):[\s\S]*COOK_ACCESS_TOKEN/);
    expect(readdirSync(home)).toEqual([]);
  });

  it("overwrites nothing that is there, save a first file that nobody has written in", async () => {
    const [old, home] = [oldInstallation(), temporaryFolder()];
    lay(home, {
      ".env": "MEMTRIX_SECRET_MATRIX_ACCESS_TOKEN=mine\n",
      "workspace/USER.md": "I am somebody else.",
      "workspace/MEMORY.md": readFileSync(join(import.meta.dirname, "../../onboard/templates/MEMORY.md"), "utf8"),
      "data/config.json": JSON.stringify({
        version: 1,
        "main-agent": { name: "Mine", model: "my-model" },
        providers: { "my-ollama": { type: "rehearsal" } },
        models: { "my-model": { provider: "my-ollama", model: "rehearsal" } },
      }),
    });
    const { code, stdout } = await run(home, old, ...owner);
    expect(code).toBe(0);
    const config = await loadConfig(home);
    expect(config["main-agent"].name).toBe("Mine");
    expect(config.providers["my-ollama"]).toEqual({ type: "rehearsal" });
    expect(config.providers.local).toBeDefined();
    expect(loadSecrets(home, {}).resolve("$MATRIX_ACCESS_TOKEN")).toBe("mine");
    expect(read(home, "workspace/USER.md")).toBe("I am somebody else.");
    expect(read(home, "workspace/MEMORY.md")).toBe("Ada likes tea.");
    expect(stdout).toContain("workspace/USER.md is there already, and is kept as it is");
    expect(stdout).toContain("The secret MATRIX_ACCESS_TOKEN is another here already, and is kept as it is");
    expect(stdout).not.toContain("OPENROUTER_API_KEY is another");
    // Once more: all is there.
    expect((await run(home, old, ...owner)).stdout).toContain("0 files");
  });

  it("asks for an owner where Matrix comes along, and for a folder that is one", async () => {
    const [old, home] = [oldInstallation(), temporaryFolder()];
    expect(await run(home, old)).toMatchObject({ code: 2, stderr: expect.stringContaining("--owner @you:server") });
    expect(await run(home, old, "--owner", "ada")).toMatchObject({ code: 1 });
    expect(await run(home, temporaryFolder(), ...owner)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no Memtrix in Python in"),
    });
    expect(readdirSync(home)).toEqual([]);
  });
});
