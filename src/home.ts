import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds `src`, `tools`, `providers` and `onboard`. */
export const checkout: string = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** The folder that holds this installation's state: MEMTRIX_HOME, or the checkout itself. */
export function memtrixHome(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.MEMTRIX_HOME?.trim();
  return home ? resolve(home) : checkout;
}

export interface HomePaths {
  config: string;
  data: string;
  agents: string;
  workspace: string;
  /** Code, so always the checkout's own. */
  tools: string;
  providers: string;
}

/** Where things stand. `workspaceDirectory` is the config's, relative to `home` unless absolute. */
export function homePaths(home: string, workspaceDirectory = "workspace"): HomePaths {
  const data = join(home, "data");
  return {
    config: join(data, "config.json"),
    data,
    agents: join(home, "agents"),
    workspace: resolve(home, workspaceDirectory),
    tools: join(checkout, "tools"),
    providers: join(checkout, "providers"),
  };
}
