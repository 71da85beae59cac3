/**
 * Makes pictures/wizard.svg from the real screen of the wizard, with a played Ollama where a real one would be:
 * `node test/pictures/wizard.ts`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOllamaServer } from "../support/ollama-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { openTmux } from "../support/tmux.ts";
import { terminalSvg } from "./terminal-svg.ts";

const root = join(import.meta.dirname, "../..");
const size = { columns: 80, rows: 24 };

using home = temporaryHome();
await using _ollama = await startOllamaServer({
  port: 11434,
  models: {
    "qwen3:8b": { contextTokens: 40_960, capabilities: ["completion", "tools", "thinking"] },
    "llama3.2:3b": { contextTokens: 131_072, capabilities: ["completion", "tools"] },
    "mistral-small3.2:24b": { contextTokens: 131_072, capabilities: ["completion", "tools", "vision"] },
    "gpt-oss:20b": { contextTokens: 131_072, capabilities: ["completion", "tools", "thinking"] },
    "gemma3:12b": { contextTokens: 131_072, capabilities: ["completion", "vision"] },
  },
});
await using terminal = await openTmux({
  ...size,
  command: `${process.execPath} ${join(root, "src/launch.js")} onboard`,
  env: { MEMTRIX_HOME: home.path, TERM: "xterm-256color" },
});
await terminal.sees("What shall your agent be called?");
await terminal.press("Enter");
await terminal.sees("found running here");
await terminal.press("Enter");
await terminal.sees("Which model?");
await terminal.press("Down", "Down");
await terminal.sees("❯ mistral-small");

const picture = terminalSvg(await terminal.paintedScreen(), { title: "The wizard: choosing a model", ...size });
mkdirSync(join(root, "pictures"), { recursive: true });
writeFileSync(join(root, "pictures/wizard.svg"), picture);
console.log(`pictures/wizard.svg, ${picture.length} bytes`);
