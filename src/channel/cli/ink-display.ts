import type { CommandSummary } from "./completion.ts";
import type { Display, Person } from "./display.ts";
import type { Screen, ScreenProps } from "./screen.tsx";
import { advance, type Change, emptyTranscript, type Outcome, type Transcript } from "./transcript.ts";

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
  const { agent } = options;
  const transcript = createTranscriptStore(agent);
  const decisions = new Map<number, (outcome: Outcome) => void>();
  let questions = 0;
  let person: Person | undefined;
  let screen: Screen | undefined;

  const props: ScreenProps = {
    ...options,
    transcript,
    onSend: (text) => person?.send(text),
    onStop: () => person?.stop(),
    onLeave: () => person?.leave(0),
    onDecide: (id, outcome) => decisions.get(id)?.(outcome),
  };

  return {
    async open() {
      // Node itself runs .ts, but not .tsx.
      const { tsImport } = await import("tsx/esm/api");
      const { openScreen } = (await tsImport("./screen.tsx", import.meta.url)) as typeof import("./screen.tsx");
      screen = openScreen(props);
    },

    read(reader) {
      person = reader;
      screen?.read();
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
      transcript.change({ type: "asked", question: { id, text } });
      const outcome = await promise;
      signal.removeEventListener("abort", withdraw);
      decisions.delete(id);
      transcript.change({ type: "decided", id, outcome });
      if (outcome === "withdrawn") return "expired";
      return outcome === "yes" ? "yes" : { no: "" };
    },

    stop() {
      person = undefined;
      screen?.stopReading();
    },

    close: async () => screen?.close(),
  };
}

/** The transcript as it stands, and word of each change: what React's `useSyncExternalStore` wants. */
export interface TranscriptStore {
  current(): Transcript;
  change(change: Change): void;
  subscribe(onChange: () => void): () => void;
}

export function createTranscriptStore(agent: string): TranscriptStore {
  let transcript = emptyTranscript(agent);
  const listeners = new Set<() => void>();
  return {
    current: () => transcript,
    change(change) {
      transcript = advance(transcript, change);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
  };
}
