import type { ProviderModule } from "../src/provider.ts";
import { fieldsOf } from "./fields.ts";
import { flagOf } from "./flags.ts";

/** What `memtrix onboard --help` says. */
export function onboardHelp(modules: ReadonlyMap<string, ProviderModule>): string {
  return `memtrix onboard            asks, in a terminal
memtrix onboard FLAGS      takes the answers from flags; says what is missing and ends with 2

  --name NAME              what the agent is called
  --provider TYPE          where its models come from: ${[...modules.keys()].join(", ")}
  --provider-name NAME     what the config calls it, for a second one of a type (TYPE)
${[...modules.values()].map(settings).join("")}  --model ID               which of its models; not needed where there is only one
  --context-tokens NUMBER  how much the model holds at once (16384, or less if the model holds less)
  --pull                   fetch the model where it is missing
  --channel NAME           where you talk to it: matrix or cli
    --homeserver ADDRESS   of Matrix; or "here": one of your own is set up on this machine
    --owner ID             your own full Matrix id, e.g. @ada:example.org; for "here" a name, e.g. ada
    --access-token-env VARIABLE         the agent's account, by its token; or
    --user-id ID --password-env VARIABLE              by its password; or
    --user-id ID --registration-token-env VARIABLE    made anew
    --recovery-key-env VARIABLE         of an account that has keys (optional)
  --timezone ZONE          e.g. Europe/Lisbon
  --no-check               do not try the connection
  --answers FILE.json      all these in one file: {"name": "Memtrix", "context_tokens": 16384}; - is standard input
  --help

Running it again changes what is said and keeps the rest. Keys go into .env, never into the config.
`;
}

function settings(module: ProviderModule): string {
  return fieldsOf(module)
    .map(({ name, secret, question, required }) => {
      const flag = secret ? `--${flagOf(name)}-env VARIABLE` : `--${flagOf(name)} VALUE`;
      const more = secret ? `, or --${flagOf(name)}-stdin` : "";
      return `    ${flag.padEnd(24)}${module.name}: ${question ?? name}${required ? "" : " (optional)"}${more}\n`;
    })
    .join("");
}
