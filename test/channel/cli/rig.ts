import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { AgentEvent } from "../../../src/agent/events.ts";
import type { InboundMessage } from "../../../src/channel/channel.ts";
import { type CliChannel, type CliMode, createCliChannel } from "../../../src/channel/cli/cli.ts";
import type { Reply } from "../../../src/reply.ts";
import { openStore } from "../../../src/store/store.ts";

/** Somebody who works messages through, as the orchestrator does: `answer` stores the answer and is done with them. */
export type Script = (turn: Turn) => void | Promise<void>;

export interface Turn {
  message: InboundMessage;
  reply: Reply;
  show(event: Partial<AgentEvent> & { type: AgentEvent["type"] }): void;
  answer(text: string, messages?: InboundMessage[]): void;
}

/** A store on disk that outlives the visits to it. */
export function createPlace() {
  const directory = mkdtempSync(join(tmpdir(), "memtrix-cli-"));
  const store = openStore(directory);

  function visit(mode: CliMode, script: Script, { stdin = new PassThrough(), stdout = new PassThrough() } = {}) {
    const stderr = new PassThrough();
    const heard: string[] = [];
    const stopped: string[] = [];
    const channel: CliChannel = createCliChannel({
      inbox: store.inbox,
      outbox: store.outbox,
      agent: "main",
      agentName: "Memtrix",
      commands: [],
      stop: (conversation) => stopped.push(conversation),
      mode,
      stdin: stdin as never,
      stdout: stdout as never,
      stderr: stderr as never,
      timezone: "UTC",
    });
    const started = channel.start((message, reply) => {
      heard.push(message.text);
      const answer: Turn["answer"] = (text, messages = [message]) =>
        store.transaction(() => {
          const answers = messages.map(({ inbox }) => inbox);
          const { channel, agent, conversation } = message;
          store.outbox.add({ channel, agent, conversation, events: reply.render(text), answers });
          store.inbox.done(answers);
        });
      const show: Turn["show"] = (event) => reply.show({ agent: "Memtrix", ...event } as AgentEvent);
      void script({ message, reply, show, answer });
    });
    const output = () => String(stdout.read() ?? "");
    const errors = () => String(stderr.read() ?? "");
    return { channel, started, stdin, stdout, stderr, heard, stopped, output, errors };
  }

  return {
    store,
    directory,
    visit,
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
