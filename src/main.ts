import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { refuseUnfinished } from "./backup/unfinished.ts";
import { accessProblem, ConfigError, diskProblem, UsageError } from "./errors.ts";
import { checkout, memtrixHome } from "./home.ts";

// What Node has compiled once it need not compile again: two fifths of the work of a start. It lies with the packages,
// where only those write who may change the program as well; where nobody may, each start compiles anew.
enableCompileCache(join(checkout, "node_modules/.cache/node"));

/** Gets the arguments after its own name; gives the exit code. */
type Subcommand = (argv: string[], context: { home: string }) => Promise<number>;

const subcommands: Record<string, { summary: string; load(): Promise<Subcommand> }> = {
  start: { summary: "begin, and talk to your agent", load: async () => (await import("./cli/start.ts")).start },
  demo: {
    summary: "see it work, with no model at hand",
    load: async () => (await import("./cli/demo.ts")).demo,
  },
  chat: { summary: "talk to your agent in this terminal", load: async () => (await import("./cli/chat.ts")).chat },
  onboard: {
    summary: "set up, or change what is set up",
    load: async () => (await import("./cli/onboard.ts")).onboard,
  },
  memory: {
    summary: "what your agent remembers",
    load: async () => (await import("./cli/memory.ts")).memory,
  },
  agents: {
    summary: "the agents beside it: list, show, create, delete",
    load: async () => (await import("./cli/agents.ts")).agents,
  },
  health: {
    summary: "whether the running program is well, for Docker and for scripts",
    load: async () => (await import("./cli/health.ts")).health,
  },
  backup: {
    summary: "save everything into one sealed file",
    load: async () => (await import("./cli/backup.ts")).backup,
  },
  import: {
    summary: "take over from Memtrix in Python",
    load: async () => (await import("./cli/import.ts")).importOld,
  },
  restore: { summary: "put a backup back", load: async () => (await import("./cli/restore.ts")).restore },
  doctor: {
    summary: "look at every part of it, and say what to do",
    load: async () => (await import("./cli/doctor.ts")).doctor,
  },
};

const help = `Memtrix, a personal agent of your own.

Usage: memtrix COMMAND [OPTIONS]

${Object.entries(subcommands)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join("\n")}

memtrix COMMAND --help tells more. MEMTRIX_HOME names the folder that holds
workspace, agents, data and .env; without it they stand beside the program.`;

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(help);
    return 0;
  }
  if (name === "--version") {
    console.log((await import("./app.ts")).version());
    return 0;
  }
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!subcommand) {
    console.error(`There is no command "${name}". memtrix --help lists what there is.`);
    return 2;
  }
  const home = memtrixHome();
  if (name !== "restore") refuseUnfinished(home);
  return (await subcommand.load())(argv, { home });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What the owner can mend is a sentence; anything else is a fault of ours, with all that helps to find it.
  console.error(error instanceof ConfigError ? error.message : (diskProblem(error) ?? accessProblem(error) ?? error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// All is closed by now; the Matrix SDK leaves timers that would keep us for two minutes more.
process.exit();
