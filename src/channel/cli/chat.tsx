import { Box, Static, Text, useAnimation, useWindowSize } from "ink";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { CommandSummary } from "./completion.ts";
import { emptyComposer } from "./composer.ts";
import { entryLines } from "./entry-lines.ts";
import type { History } from "./history.ts";
import { Input } from "./input.tsx";
import { inputLines } from "./input-lines.ts";
import { activityLine, streamLines } from "./live-lines.ts";
import { Question } from "./question.tsx";
import { paint, span } from "./spans.ts";
import { isBusy, type Outcome } from "./transcript.ts";
import type { TranscriptStore } from "./transcript-store.ts";
import { useComposer } from "./use-composer.ts";
import { useInterrupt } from "./use-interrupt.ts";

export interface ChatProps {
  agent: string;
  transcript: TranscriptStore;
  commands: readonly CommandSummary[];
  history: History;
  isReading: boolean;
  timezone: string | undefined;
  now(): Date;
  onSend(text: string): void;
  onStop(): void;
  onLeave(): void;
  onDecide(id: number, outcome: Outcome): void;
}

/** Rows of the screen beside the stream and the input: what goes on, with a space on both sides, and one to spare. */
const reservedRows = 4;

/** Finished entries go to the terminal's own scroll-back; what changes stays below them, never taller than the screen. */
export function Chat(props: ChatProps) {
  const { agent, transcript: store, isReading, timezone, now, onStop, onLeave } = props;
  const { columns, rows } = useWindowSize();
  const transcript = useSyncExternalStore(store.subscribe, store.current);
  const busy = isBusy(transcript);
  const { frame, time } = useAnimation({ interval: 120, isActive: busy });
  const composer = useComposer();
  const [isStopping, setStopping] = useState(false);
  const { isArmed, interrupt } = useInterrupt(stopOrClear, onLeave);
  useEffect(() => {
    if (!busy) setStopping(false);
  }, [busy]);

  function stopOrClear() {
    if (!isBusy(store.current())) return composer.set(emptyComposer);
    setStopping(true);
    onStop();
  }

  const { entries, questions } = transcript;
  const [question] = questions;
  const input = inputLines(composer.current, {
    ...{ commands: props.commands, columns, rows: Math.max(1, Math.min(8, Math.floor(rows / 4))) },
    ...(isArmed && { hint: "Press Ctrl-C again to leave." }),
  });
  const streamRows = question ? 0 : rows - reservedRows - input.lines.length;
  const stream = useMemo(() => streamLines(transcript, columns, streamRows), [transcript, columns, streamRows]);
  const doing = activityLine(transcript, { frame, elapsedMs: time, stopping: isStopping, columns });
  const above = doing === undefined || question ? [""] : [...stream, "", doing, ""];

  const finished = useMemo(() => [undefined, ...entries], [entries]);
  return (
    <>
      <Static items={finished}>
        {(entry, index) => (
          <Text key={index}>
            {entry === undefined
              ? greeting(agent)
              : rowsOf(entryLines(entry, { agent, columns, previous: entries[index - 2], timezone, now }))}
          </Text>
        )}
      </Static>
      <Box flexDirection="column">
        <Text wrap="truncate">{rowsOf(above)}</Text>
        {question && (
          <Question
            {...{ question, columns, rows, isReading, onDecide: props.onDecide, onInterrupt: interrupt }}
            key={question.id}
            onUnfold={() => store.change({ type: "unfolded", id: question.id })}
          />
        )}
        {!question && isReading && (
          <Input
            {...{ view: input, composer, columns, top: above.length, onLeave, onInterrupt: interrupt }}
            {...{ commands: props.commands, history: props.history, onSend: props.onSend }}
          />
        )}
      </Box>
    </>
  );
}

function greeting(agent: string): string {
  const hint = " · / for commands, Alt-Enter for a new line, Ctrl-C twice to leave";
  return paint([span(agent, { bold: true, color: "magenta" }), span(hint, { dim: true })]);
}

/** Ink drops rows that hold nothing at all. */
function rowsOf(lines: readonly string[]): string {
  return lines.map((line) => line || " ").join("\n");
}
