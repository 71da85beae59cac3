import type { Config } from "./config/config.ts";
import type { Secrets } from "./config/secrets.ts";
import { createEgress, type Egress } from "./egress/egress.ts";
import { ConfigError, messageOf } from "./errors.ts";

/** The way out for tools, as the config has it. @throws ConfigError */
export function openEgress(config: Config, secrets: Pick<Secrets, "resolve">): Egress {
  try {
    const { allow, download_mib } = config.egress;
    return createEgress({ allow, ownHosts: ownHosts(config, secrets), downloadBytes: download_mib * 1024 ** 2 });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`egress.allow in the config: ${messageOf(error)}`, { cause: error });
  }
}

/** The hosts that Memtrix itself talks to: the homeserver, the models' servers, Chroma and SearXNG. */
function ownHosts({ channels, memory, search, providers }: Config, secrets: Pick<Secrets, "resolve">): string[] {
  const homeservers = Object.values(channels).map((channel) => channel.type === "matrix" && channel.homeserver);
  const addresses = secrets.resolve([...homeservers, memory.chroma_url, search.searxng_url]);
  const settings = Object.values(providers).flatMap((provider) => Object.values(provider));
  return [...addresses, ...settings].flatMap((value) =>
    typeof value === "string" && /^https?:/i.test(value) && URL.canParse(value) ? [new URL(value).hostname] : [],
  );
}
