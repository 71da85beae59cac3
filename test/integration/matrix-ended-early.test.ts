import { expect, it, onTestFinished } from "vitest";
import { startCountingModel } from "../support/counting-model.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { program } from "../support/program.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const canRun = await canRunSynapse();

it.skipIf(!canRun)(
  "the program can be ended while the homeserver leaves its first sync unanswered",
  { timeout: 120_000 },
  async () => {
    const synapse = await startSynapse();
    onTestFinished(() => synapse.stop());
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
    await using model = await startCountingModel({ usesTools: false });
    using home = temporaryHome();
    layMatrixHome(home, { url: proxy.url, agent, owner, model: model.config });
    await using memtrix = program({ home: home.path });
    const held = Promise.withResolvers<void>();
    const { release } = proxy.hold((_method, path) => {
      const isSync = path.includes("/sync");
      if (isSync) held.resolve();
      return isSync;
    });
    onTestFinished(release);

    const running = memtrix.start(["start"], { limitMs: 60_000 });
    await held.promise;
    running.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ signal: null });
  },
);
