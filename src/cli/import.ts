import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Config, checkConfig, loadConfig, saveConfig } from "../config/config.ts";
import { localTimezone } from "../config/schema.ts";
import { loadSecrets } from "../config/secrets.ts";
import { discoverProviders } from "../discover-providers.ts";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";
import { type Translated, translate } from "../import/old-config.ts";
import { copyFiles, type FileMove, planFiles } from "../import/old-files.ts";
import { readOldInstallation } from "../import/old-installation.ts";
import { createMarks } from "../sandbox/marks.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import { openStore } from "../store/store.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";

const help = `Take over from Memtrix in Python (v2.7): its config, secrets, workspace, journals and agents. What is here
already is never overwritten, and nothing there is changed. Its conversations stay there; end it before you begin.

Usage: memtrix import DIR [OPTIONS]

      --owner ID    your full Matrix id, @you:server; more than once for several. The old one had no owners
      --dry-run     only say what would be taken`;

const options = {
  owner: { type: "string", multiple: true },
  "dry-run": { type: "boolean" },
  ...helpFlag,
} as const;

/** `memtrix import`. */
export async function importOld(argv: string[], { home }: { home: string }): Promise<number> {
  const { values, positionals } = parseFlags("import", argv, options, { words: true });
  const [folder, ...others] = positionals;
  if (values.help || folder === undefined || others.length > 0) {
    console[values.help ? "log" : "error"](help);
    return values.help ? 0 : 2;
  }
  const paths = homePaths(home);
  const old = await readOldInstallation(resolve(folder));
  const owners = values.owner ?? [];
  for (const owner of owners)
    if (!/^@[^:\s]+:\S+$/.test(owner)) throw new ConfigError(`"${owner}" is no Matrix id: write it as @you:server.`);
  const existing = existsSync(paths.config) ? await loadConfig(home) : undefined;
  const usesMatrix = Object.entries(old.config.channels).some(
    ([name, { type }]) => type === "matrix" && !existing?.channels[name],
  );
  if (usesMatrix && owners.length === 0) {
    console.error(
      "Who may give orders? Name yourself with --owner @you:server: the old one obeyed whoever wrote to it.",
    );
    return 2;
  }

  const types = [...(await discoverProviders(paths.providers)).found.keys()];
  const taken = translate({ old: old.config, known: old.secrets, owners, types });
  const config = checkConfig(merged(taken.config, existing), `${folder}/data/config.json, taken over`);
  const known = loadSecrets(home);
  const secrets = Object.fromEntries(Object.entries(taken.secrets).filter(([name]) => !known.has(name)));
  const kept = Object.keys(taken.secrets).filter(
    (name) => known.has(name) && known.resolve(`$${name}`) !== taken.secrets[name],
  );
  const agents = Object.keys(taken.config.agents).filter((id) => !existing?.agents[id]);
  const { moves, notes } = await planFiles(resolve(folder), home, agents);

  if (!values["dry-run"]) {
    using _lock = takeOwnerLock(paths.data, "memtrix import", new Date());
    await markForeign(paths.data, moves);
    await copyFiles(moves);
    await known.save(secrets);
    // Last: with it the installation is there.
    await saveConfig(home, config);
  }
  tell({ isDry: values["dry-run"] ?? false, taken, existing, moves, secrets: Object.keys(secrets) });
  for (const name of kept) console.log(`  The secret ${name} is another here already, and is kept as it is.`);
  for (const note of [...taken.notes, ...notes]) console.log(`  ${note}`);
  if (old.hasSessions) console.log("  Its conversations are not taken over; its journals are, and are searched.");
  return 0;
}

/** What is here already wins, name by name. */
function merged(taken: Translated["config"], existing: Config | undefined): unknown {
  if (!existing) return { ...taken, timezone: localTimezone() };
  const both = (section: "providers" | "models" | "channels" | "agents") => ({
    ...(taken[section] as object),
    ...existing[section],
  });
  return {
    ...existing,
    ...{ providers: both("providers"), models: both("models"), channels: both("channels"), agents: both("agents") },
  };
}

/** Files that came from others are no words of the owner's here either. */
async function markForeign(data: string, moves: readonly FileMove[]): Promise<void> {
  using store = openStore(data);
  for (const { agent, path, fromOutside } of moves)
    if (fromOutside) await createMarks(store.fileOrigins(agent)).around(path, [], "web", async () => {});
}

interface Told {
  isDry: boolean;
  taken: Translated;
  existing: Config | undefined;
  moves: readonly FileMove[];
  secrets: readonly string[];
}

function tell({ isDry, taken, existing, moves, secrets }: Told): void {
  const sections = (["providers", "models", "channels", "agents"] as const).flatMap((section) => {
    const names = Object.keys(taken.config[section] as object).filter((name) => !existing?.[section][name]);
    return names.length === 0 ? [] : [`  ${section}: ${names.join(", ")}`];
  });
  const journals = moves.filter(({ path }) => /^memory\/\d{4}-\d\d-\d\d\.md$/.test(path)).length;
  console.log(
    [
      isDry ? "This would be taken over (nothing was written):" : "Taken over:",
      ...sections,
      ...(secrets.length === 0 ? [] : [`  secrets, into .env: ${secrets.join(", ")}`]),
      `  ${moves.length} files, ${journals} of them journals`,
      ...(isDry ? [] : ["Begin with: npm start"]),
      "To know:",
    ].join("\n"),
  );
}
