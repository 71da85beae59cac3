import { fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import { program } from "../support/program.ts";
import type { TestUser } from "../support/synapse.ts";
import type { TemporaryHome } from "../support/temporary-home.ts";
import type { InstantModel } from "./instant-model.ts";

/** What answers in the rooms of one account, in a process of its own. */
export interface Side extends AsyncDisposable {
  pid: number;
  userId: string;
}

export interface SideOptions {
  /** Of the homeserver. */
  url: string;
  user: TestUser;
}

/** The whole program, as `memtrix start` runs it, over this home. Gone on with when the home was used before. */
export async function startOurs({
  url,
  user,
  owner,
  home,
  model,
  burstMs,
}: SideOptions & { owner: string; home: TemporaryHome; model: InstantModel; burstMs: number }): Promise<Side> {
  const config = model.config as { "main-agent": object };
  home.write("data/config.json", {
    ...config,
    "main-agent": { ...config["main-agent"], channel: "matrix" },
    channels: {
      matrix: {
        ...{ type: "matrix", homeserver: url, user_id: user.userId, access_token: "$BENCH_TOKEN" },
        ...{ owners: [owner], burst_ms: burstMs },
      },
    },
  });
  chmodSync(home.write(".env", `${secretPrefix}BENCH_TOKEN=${user.accessToken}\n`), 0o600);
  const running = program({ home: home.path }).start(["start"], { limitMs: longestMs });
  let isWanted = true;
  running.ended.then(
    ({ stderr }) => isWanted && console.error(`The program has ended by itself:\n${stderr}`),
    (error) => console.error(error),
  );
  return {
    ...{ pid: running.pid, userId: user.userId },
    async [Symbol.asyncDispose]() {
      isWanted = false;
      running.kill("SIGTERM");
      await running.ended;
    },
  };
}

/** An echo that is nothing but matrix-js-sdk. */
export async function startBare({ url, user }: SideOptions): Promise<Side> {
  const { userId, deviceId, accessToken } = user;
  const child = fork(join(import.meta.dirname, "bare-bot.ts"));
  const ended = once(child, "exit");
  child.send({ baseUrl: url, userId, deviceId, accessToken });
  return {
    ...{ pid: child.pid ?? 0, userId },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}

const longestMs = 30 * 60_000;
