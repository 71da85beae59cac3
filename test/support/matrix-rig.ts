import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MockLanguageModelV4 } from "ai/test";
import { openMatrixConnection } from "../../src/channel/matrix/connection.ts";
import { createMatrixChannel, type MatrixChannel, type MatrixSettings } from "../../src/channel/matrix/matrix.ts";
import { createFileKeeper } from "../../src/channel/matrix/media/file-keeper.ts";
import type { Logger } from "../../src/log.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import type { Tool } from "../../src/tool.ts";
import { openHarness } from "./agent-harness.ts";
import type { TestUser } from "./synapse.ts";

export interface MatrixRigOptions {
  url: string;
  agent: TestUser;
  owners: string[];
  allowed?: string[];
  model: MockLanguageModelV4;
  tools?: Tool[];
  settings?: Partial<MatrixSettings>;
  greeting?: string;
  mostPeople?: number;
  /** A home to go on with. */
  home?: string;
}

/** The real channel, orchestrator, agent and store against a homeserver; only the model is scripted. */
export async function startMatrixRig(options: MatrixRigOptions) {
  const home = options.home ?? mkdtempSync(join(tmpdir(), "memtrix-rig-"));
  const { model, tools = [], url, agent } = options;
  const harness = await openHarness({ model, tools, home, now: () => new Date(), window: 100_000 });
  const lines: string[] = [];
  const log = loggerInto(lines);
  const connection = await openMatrixConnection({
    ...{ homeserver: url, userId: agent.userId, accessToken: agent.accessToken, log },
    ...{ directory: join(home, "data", "matrix"), now: () => new Date() },
  });
  const workspace = openWorkspace({ folder: harness.folder, origins: harness.store.fileOrigins("main") });
  const channel: MatrixChannel = createMatrixChannel({
    ...{ name: "matrix", store: harness.store, log, now: () => new Date() },
    settings: {
      ...{ owners: options.owners, e2ee: "on", approvals: "reaction", streaming: "off", eyes: "off", answer_hours: 24 },
      ...{ burst_ms: 50, home_room: null, rooms: {}, ...options.settings },
    },
    accounts: [
      {
        ...{ agent: "main", name: "Memtrix", connection, allowed: options.allowed ?? [] },
        ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
        ...(options.mostPeople === undefined ? {} : { mostPeople: options.mostPeople }),
        files: createFileKeeper(connection.client, workspace, { maxBytes: 1_000_000 }),
      },
    ],
    withdraw: harness.orchestrator.withdraw,
    stop: (agent, conversation) => harness.orchestrator.stop(agent, conversation).running,
  });
  await channel.start(harness.orchestrator.handle);
  return {
    ...{ home, channel, lines, client: connection.client, store: harness.store, model, harness },
    async stop({ keep = false } = {}) {
      await channel.stop();
      await harness.orchestrator.drain(0);
      await channel.close();
      await harness.close(true);
      if (!keep) rmSync(home, { recursive: true, force: true });
    },
  };
}

function loggerInto(lines: string[]): Logger {
  const entry = (level: string) => (message: string, data?: Record<string, unknown>) =>
    void lines.push(
      `${level} ${message} ${JSON.stringify(data, (_, value) => (value instanceof Error ? value.stack : value)) ?? ""}`,
    );
  return { debug: entry("debug"), info: entry("info"), warn: entry("warn"), error: entry("error") };
}
