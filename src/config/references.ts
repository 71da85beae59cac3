import type { Config } from "./schema.ts";

/** One sentence for each name in the config that leads nowhere, and for each pair of settings that disagree. */
export function brokenReferences(config: Config): string[] {
  const main = config["main-agent"];
  const problems: string[] = [];

  for (const [path, { model, channel }] of [
    ["main-agent", main] as const,
    ...Object.entries(config.agents).map(([id, agent]) => [`agents.${id}`, agent] as const),
  ]) {
    if (!config.models[model])
      problems.push(
        `${path}.model is "${model}", which is not among models (${names(config.models)}); add or change it.`,
      );
    if (!config.channels[channel])
      problems.push(
        `${path}.channel is "${channel}", which is not among channels (${names(config.channels)}); add or change it.`,
      );
  }

  for (const [name, { provider }] of Object.entries(config.models)) {
    if (config.providers[provider]) continue;
    problems.push(
      `models.${name}.provider is "${provider}", which is not among providers (${names(config.providers)}); add or change it.`,
    );
  }

  const wanted = config.models[main.model]?.provider;
  if (wanted && main.provider && main.provider !== wanted)
    problems.push(
      `main-agent.provider is "${main.provider}", but its model "${main.model}" comes from "${wanted}"; make them agree or leave main-agent.provider out.`,
    );

  const [top] = config["workspace-directory"].replace(/^(\.\/)+/, "").split("/");
  if (["", ".", "..", "data", "agents"].includes(top ?? "") && !config["workspace-directory"].startsWith("/"))
    problems.push(`workspace-directory must be a folder of its own inside the home folder; "workspace" is usual.`);
  return problems;
}

function names(section: Record<string, unknown>): string {
  return Object.keys(section).join(", ") || "there are none";
}
