import { existsSync } from "node:fs";
import { loadConfig } from "../config/config.ts";
import { loadSecrets } from "../config/secrets.ts";
import { createEgress } from "../egress/egress.ts";
import { homePaths } from "../home.ts";
import { openEgress } from "../open-egress.ts";
import { inputLines } from "./input-lines.ts";

/** Prints for each address whether tools may ask for it, and the rule. Nothing is looked up or connected to. */
export async function doctorUrl(addresses: string[], { home }: { home: string }): Promise<number> {
  const isInstalled = existsSync(homePaths(home).config);
  const egress = isInstalled ? openEgress(await loadConfig(home), loadSecrets(home)) : createEgress({ allow: [] });
  let allAllowed = true;
  for await (const address of addresses[0] === "-" ? inputLines() : addresses) {
    const { allow, rule } = egress.judge(address);
    console.log([allow ? "allow" : "deny", JSON.stringify(address).slice(1, -1), rule].join("\t"));
    allAllowed &&= allow;
  }
  return allAllowed ? 0 : 1;
}
