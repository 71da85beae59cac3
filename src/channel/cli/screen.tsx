import { Box, render, Static, Text, useInput } from "ink";
import { useState, useSyncExternalStore } from "react";
import { clean } from "./clean.ts";
import type { InkOptions, TranscriptStore } from "./ink-display.ts";
import { toolLine } from "./tool-line.ts";
import { type Entry, isBusy, type Outcome } from "./transcript.ts";

export interface ScreenProps extends InkOptions {
  transcript: TranscriptStore;
  onSend(text: string): void;
  onStop(): void;
  onLeave(): void;
  onDecide(id: number, outcome: Outcome): void;
}

export interface Screen {
  read(): void;
  stopReading(): void;
  /** Resolves when what has been shown so far has left for the terminal. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

export function openScreen(props: ScreenProps): Screen {
  const { stdin, stdout, stderr } = props;
  const ink = render(<Chat {...props} />, { stdin, stdout, stderr, exitOnCtrlC: false, interactive: true });
  return {
    read() {},
    stopReading() {},
    flushed: () => ink.waitUntilRenderFlush(),
    async close() {
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}

function Chat({ transcript: store, onSend, onStop, onLeave, onDecide }: ScreenProps) {
  const transcript = useSyncExternalStore(store.subscribe, store.current);
  const [text, setText] = useState("");
  const [question] = transcript.questions;
  useInput((input, key) => {
    if (question && (input === "y" || input === "n")) return onDecide(question.id, input === "y" ? "yes" : "no");
    if (key.ctrl && input === "c") return isBusy(transcript) ? onStop() : onLeave();
    if (key.return) {
      if (text.trim() !== "") onSend(text);
      return setText("");
    }
    if (key.backspace) return setText([...text].slice(0, -1).join(""));
    if (!key.ctrl && !key.meta) setText(text + clean(input));
  });
  return (
    <>
      <Static items={[...transcript.entries]}>{(entry, index) => <Line key={index} entry={entry} />}</Static>
      {transcript.run && <Text>{clean(transcript.run.text)}</Text>}
      {question && <Text>{clean(question.text)} [y] yes [n] no</Text>}
      <Box>
        <Text>› {text}</Text>
      </Box>
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  if (entry.kind !== "tool") return <Text>{clean(entry.text)}</Text>;
  return <Text dimColor>● {toolLine({ type: "tool-end", ...entry })}</Text>;
}
