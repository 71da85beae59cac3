import { existsSync } from "node:fs";
import { loadConfig } from "../config/config.ts";
import { homePaths } from "../home.ts";
import { openFolder } from "../sandbox/folder.ts";
import { doctorAll } from "./doctor-all.ts";
import { doctorDevices } from "./doctor-devices.ts";
import { doctorPath, pathOperations } from "./doctor-path.ts";
import { doctorUrl } from "./doctor-url.ts";
import { inputLines } from "./input-lines.ts";

const help = `Look at every part of it for real, or at one of them.

Usage: memtrix doctor [--json]
       memtrix doctor url ADDRESS...
       memtrix doctor path OP PATH
       memtrix doctor devices [--trust]

  Without a part: Node, config, secrets, folders, disk, database, models (a tiny request that
  calls a tool), homeserver, clock, keys, memory model, Chroma and SearXNG, each with what to
  do about it. Also while Memtrix runs. Exit code 1 when something does not work, else 0.

  url ADDRESS... whether tools may ask for an address of the web, as far as its text tells:
                 prints allow or deny, the address and the rule, with tabs between.
                 Nothing is looked up. Exit code 0 when all are allowed, else 1.
                 ADDRESS - reads an address a line from the input, escaped as in JSON strings
  path OP PATH   whether file tools may do this in the workspace: prints allow or
                 deny, a tab, and why. Exit code 0 when allowed, else 1.
                 OP: ${pathOperations.join(" ")}
                 PATH - reads a path a line from the input, escaped as in JSON strings
  devices        the agent's own keys, and the owners' devices on Matrix with word of
                 which count in encrypted rooms; --trust makes all of them count, and
                 takes an owner's new identity for theirs. Look at the list first.`;

/** `memtrix doctor`. */
export async function doctor([part, ...args]: string[], { home }: { home: string }): Promise<number> {
  if (part === "--help" || part === "-h") {
    console.log(help);
    return 0;
  }
  if (part === undefined || (part === "--json" && args.length === 0))
    return doctorAll({ home, json: part === "--json" });
  if (part === "devices") return doctorDevices(args, { home });
  if (part === "url" && args.length > 0) return doctorUrl(args, { home });
  const [operation, path] = args;
  if (part !== "path" || operation === undefined || path === undefined || args.length > 2) {
    console.error(help);
    return 2;
  }
  const { config } = homePaths(home);
  const directory = existsSync(config) ? (await loadConfig(home))["workspace-directory"] : undefined;
  const folder = await openFolder(homePaths(home, directory).workspace);

  let allAllowed = true;
  for await (const one of path === "-" ? inputLines() : [path]) {
    const { allowed, reason } = await doctorPath(operation, one, folder);
    console.log(`${allowed ? "allow" : "deny"}\t${reason}`);
    allAllowed &&= allowed;
  }
  return allAllowed ? 0 : 1;
}
