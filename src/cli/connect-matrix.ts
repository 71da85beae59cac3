import type { App } from "../app.ts";
import type { LateMatrix } from "../open-matrix.ts";

/** Undefined when the main agent does not live in Matrix; then nothing of it is loaded. */
export async function connectMatrix(app: App, data: string): Promise<LateMatrix | undefined> {
  const { "main-agent": main, agents, channels } = app.config;
  const section = channels[main.channel];
  if (section?.type !== "matrix") return undefined;
  const { createLateMatrix, accountOf, accountsIn } = await import("../open-matrix.ts");
  const matrix = createLateMatrix({
    ...{ name: main.channel, section: app.secrets.resolve(section), data, store: app.store, log: app.log },
    accounts: accountsIn(main.channel, app.secrets.resolve({ channels, agents }), main.name, app.agents),
    withdraw: app.orchestrator.withdraw,
    stop: (agent, conversation) => app.orchestrator.stop(agent, conversation).running,
    onProgress: (sentence) => app.log.info(sentence),
    now: () => new Date(),
  });
  await app.connect(matrix, {
    async add(id) {
      const own = Object.fromEntries(Object.entries(app.config.agents).filter(([agent]) => agent === id));
      const account = accountOf(id, app.secrets.resolve(own), app.agents);
      if (account) await matrix.add(account);
    },
    remove: matrix.remove,
  });
  return matrix;
}
