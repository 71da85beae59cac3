import { discoverProviders } from "../discover-providers.ts";
import { discoverTools } from "../discover-tools.ts";
import { type Check, ok, warning } from "./check.ts";

/** The config, and the tools and providers that are left out because their files are broken. */
export const configCheck: Check = {
  name: "config",
  async run({ config: read, paths }) {
    const config = await read;
    const { found: tools, problems } = await discoverTools(paths.tools);
    const { found: providers, problems: others } = await discoverProviders(paths.providers);
    const left = [...problems.map((one) => `tools/${one}`), ...others.map((one) => `providers/${one}`)];
    const agents = 1 + Object.keys(config.agents).length;
    return [
      ok(
        `${paths.config}: ${agents} agents, ${tools.size} tools, ${providers.size} kinds of provider`.replace(
          ": 1 agents",
          ": 1 agent",
        ),
      ),
      ...left.map((problem) => warning(`left out: ${problem}`, "mend that file or take it away, then start again")),
    ];
  },
};
