import { chmodSync } from "node:fs";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import type { TestUser } from "./synapse.ts";
import type { TemporaryHome } from "./temporary-home.ts";

export interface MatrixHome {
  /** Of the homeserver. */
  url: string;
  agent: TestUser;
  owner: TestUser;
  /** The parts of a config.json that say which model answers. */
  model: object;
  settings?: object;
}

/** Lays down the config of an agent that lives in Matrix, with a model named `small`. */
export function layMatrixHome(home: TemporaryHome, { url, agent, owner, model, settings }: MatrixHome): void {
  home.write("data/config.json", {
    ...model,
    "main-agent": { name: "Memtrix", model: "small", channel: "matrix" },
    channels: {
      matrix: {
        ...{ type: "matrix", homeserver: url, user_id: agent.userId, access_token: "$MATRIX_TOKEN" },
        ...{ owners: [owner.userId], burst_ms: 20, ...settings },
      },
    },
  });
  chmodSync(home.write(".env", `${secretPrefix}MATRIX_TOKEN=${agent.accessToken}\n`), 0o600);
}
