import type { CommandSummary } from "./completion.ts";
import type { Display, Person } from "./display.ts";
import { openHistory } from "./history.ts";
import type { Screen, ScreenOptions } from "./screen.tsx";
import type { Outcome } from "./transcript.ts";
import { createTranscriptStore } from "./transcript-store.ts";

export interface InkOptions {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  agent: string;
  commands: readonly CommandSummary[];
  historyFile: string;
  timezone: string | undefined;
  now(): Date;
}

/** The Ink screen. React is loaded when it opens and not before. */
export function createInkDisplay(options: InkOptions): Display {
  const { agent, historyFile, ...terminal } = options;
  const transcript = createTranscriptStore(agent);
  const decisions = new Map<number, (outcome: Outcome) => void>();
  let questions = 0;
  let person: Person | undefined;
  let screen: Screen | undefined;

  const screenOptions: ScreenOptions = {
    ...terminal,
    agent,
    transcript,
    history: openHistory(historyFile),
    onSend: (text) => person?.send(text),
    onStop: () => person?.stop(),
    onLeave: () => person?.leave(0),
    onDecide: (id, outcome) => decisions.get(id)?.(outcome),
  };

  return {
    async open() {
      const { openScreen } = await loadScreen();
      screen = openScreen(screenOptions);
    },

    read(reader) {
      person = reader;
      screen?.setReading(true);
      // The terminal has gone away: a closed window, a lost connection.
      for (const event of ["end", "close", "error"]) options.stdin.once(event, () => reader.leave(0));
    },

    async show(update) {
      transcript.change(update);
      if (update.type === "answer") await screen?.flushed();
    },

    async ask({ text }, signal) {
      if (signal.aborted) return "expired";
      const id = ++questions;
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const withdraw = () => resolve("withdrawn");
      signal.addEventListener("abort", withdraw, { once: true });
      decisions.set(id, resolve);
      transcript.change({ type: "asked", id, text });
      const outcome = await promise;
      signal.removeEventListener("abort", withdraw);
      decisions.delete(id);
      transcript.change({ type: "decided", id, outcome });
      if (outcome === "withdrawn") return "expired";
      return outcome === "yes" ? "yes" : { no: "" };
    },

    stop() {
      person = undefined;
      screen?.setReading(false);
    },

    close: async () => screen?.close(),
  };
}

/** Node itself runs .ts, but not .tsx; and React is paid for only here. */
async function loadScreen(): Promise<typeof import("./screen.tsx")> {
  // React's development build is slower, and keeps a record of every rendering.
  process.env.NODE_ENV ??= "production";
  // Ink does not need to be translated, and Node loads it faster than tsx does.
  const [{ register }] = await Promise.all([import("tsx/esm/api"), import("ink")]);
  const unregister = register();
  try {
    return await import("./screen.tsx");
  } finally {
    await unregister();
  }
}
