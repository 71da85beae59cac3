import { once } from "node:events";
import { createInterface } from "node:readline";
import { text as readText } from "node:stream/consumers";
import type { AgentEvent } from "../../agent/events.ts";
import { clean, cleanLine } from "./clean.ts";
import { timeOfDay } from "./clock.ts";
import type { Display, Person, Update } from "./display.ts";
import { callTitle, toolLine } from "./tool-line.ts";

export type PlainMode = PlainHow &
  /** Each line of the input is a message, sent when the one before is answered. */
  (
    | { kind: "lines" }
    /** One message; the answer alone on stdout. The text `-` stands for the whole input. */
    | { kind: "once"; text: string }
  );

interface PlainHow {
  json?: boolean;
  yes?: boolean;
  /** Tell how far long calls are. An agent that is switched to `/verbose` does so anyway. */
  verbose?: boolean;
}

export interface PlainOptions {
  mode: PlainMode;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  timezone: string | undefined;
  now(): Date;
}

/** For pipes and scripts: answers on stdout, all else on stderr. */
export function createPlainDisplay({ mode, stdin, stdout, stderr, timezone, now }: PlainOptions): Display {
  const waiting = new Set<number>();
  const failed = new Set<number>();
  const verboseAgents = new Set<string>();
  let current: number | undefined;
  let answered = false;
  let exitCode = 0;
  let idle = Promise.withResolvers<void>();
  const stopped = new AbortController();
  // A reader that has gone (EPIPE) is told by the callback of the write; without a listener it would end the process.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});

  const aside = (text: string) => void stderr.write(`${clean(text)}\n`);

  function print(line: string): Promise<void> {
    return new Promise((resolve, reject) => stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve())));
  }

  async function answer({ agent, text, answers }: Update & { type: "answer" }): Promise<void> {
    const isCurrent = current !== undefined && answers.includes(current);
    const hasFailed = answers.some((id) => failed.has(id));
    if (isCurrent) answered = true;
    if (isCurrent && hasFailed) exitCode = 1;
    if (mode.json) await print(JSON.stringify({ type: "answer", agent, text, failed: hasFailed }));
    const onStdout = !hasFailed && (mode.kind === "lines" || isCurrent);
    if (!onStdout) aside(text);
    else if (!mode.json) await print(clean(text));
  }

  function progress(event: AgentEvent): void {
    if (event.type === "run-start" && event.verbose) verboseAgents.add(event.agent);
    if (event.type === "run-end") verboseAgents.delete(event.agent);
    if (event.type === "tool-progress" && (mode.verbose || verboseAgents.has(event.agent)))
      aside(`… ${callTitle(event.call)} – ${cleanLine(event.text)}`);
    if (event.type === "tool-end") aside(`${event.failed ? "✗" : "●"} ${toolLine(event)}`);
    if (event.type === "model-wait" || event.type === "notice") aside(event.text);
  }

  function settle(messages: number[]): void {
    // Also where a failed run had no answer: not even that could be stored.
    if (messages.some((id) => id === current && failed.has(id))) exitCode = 1;
    for (const id of messages) waiting.delete(id);
    if (waiting.size > 0) return;
    idle.resolve();
    idle = Promise.withResolvers();
  }

  async function untilIdle(): Promise<void> {
    while (waiting.size > 0) await idle.promise;
  }

  async function* messages(): AsyncGenerator<string> {
    if (mode.kind === "once") yield mode.text === "-" ? await readText(stdin) : mode.text;
    else yield* createInterface({ input: stdin, signal: stopped.signal });
  }

  async function readAll(person: Person): Promise<void> {
    // One at a time: a line sent into a run under way would steer it instead of being answered by itself.
    await untilIdle();
    for await (const text of messages()) {
      if (stopped.signal.aborted) return;
      if (text.trim() === "") continue;
      person.send(text);
      await untilIdle();
    }
    if (mode.kind === "once" && !answered) {
      aside("There was no answer.");
      exitCode = 1;
    }
    person.leave(exitCode);
  }

  return {
    async open() {},

    read(person) {
      stdout.once("error", () => person.leave(1));
      readAll(person).catch((error) => {
        aside(`The input could not be read: ${error.message}`);
        person.leave(1);
      });
    },

    async show(update) {
      switch (update.type) {
        case "resumed": {
          const { inbox, at, text } = update.message;
          waiting.add(inbox);
          return aside(`Going on with your message from ${timeOfDay(at, now(), timezone)}: ${cleanLine(text)}`);
        }
        case "said":
          waiting.add(update.message.inbox);
          current = update.message.inbox;
          return;
        case "event":
          if (update.event.type === "run-end" && update.event.reason === "failed") failed.add(update.message);
          if (mode.json) return print(JSON.stringify(update.event));
          return progress(update.event);
        case "answer":
          return answer(update);
        case "refused":
          exitCode = 1;
          if (mode.json) return print(JSON.stringify(update));
          return aside(update.text);
        case "settled":
          return settle(update.messages);
      }
    },

    async ask({ text }) {
      aside(text);
      aside(mode.yes ? "Yes, as --yes says." : "No: nobody is here to ask. --yes says yes to all such questions.");
      return mode.yes ? "yes" : { no: "Nobody is at the terminal to ask." };
    },

    stop: () => stopped.abort(),

    async close() {
      for (const stream of [stdout, stderr])
        if (stream.writableNeedDrain && !stream.errored) await once(stream, "drain").catch(() => {});
    },
  };
}
