import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { type App, mainAgent, openApp } from "../../src/app.ts";
import { createCliChannel } from "../../src/channel/cli/cli.ts";
import { commands } from "../../src/command/commands.ts";

/** The whole program in this process, talked to through its terminal channel. */
export interface OurSide extends AsyncDisposable {
  app: App;
  /** Says one thing; resolves when its answer has come out, and what follows the answer is done. */
  say(text: string): Promise<Times>;
}

/** Of `performance.now()`. */
export interface Times {
  /** The message is handed over. */
  saidAt: number;
  /** The answer is there. */
  answeredAt: number;
}

export async function openOurSide(home: string, conversation: string, now: () => Date): Promise<OurSide> {
  const app = await openApp({ home, holder: "a benchmark", writeLog() {}, now });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stderr.resume();
  const channel = createCliChannel({
    ...{ inbox: app.store.inbox, outbox: app.store.outbox, log: app.log, timezone: app.config.timezone, now },
    ...{ agent: mainAgent, agentName: app.config["main-agent"].name, conversation, commands, stop() {} },
    mode: { kind: "lines", json: true },
    // Streams like any other, but for what only a terminal has.
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  });
  await app.connect(channel);
  const output = createInterface({ input: stdout });

  function nextAnswer(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const look = (line: string): void => {
      const { type, text, failed } = JSON.parse(line);
      if (type !== "answer") return;
      output.off("line", look);
      if (failed) reject(new Error(`The run failed: ${text}`));
      else resolve(performance.now());
    };
    output.on("line", look);
    return promise;
  }

  return {
    app,
    async say(text) {
      const answer = nextAnswer();
      const saidAt = performance.now();
      stdin.write(`${text}\n`);
      return { saidAt, answeredAt: await answer };
    },
    async [Symbol.asyncDispose]() {
      stdin.end();
      await channel.left;
      await app[Symbol.asyncDispose]();
    },
  };
}
