import { Box, Text, useCursor, useInput } from "ink";
import { useEffect, useRef } from "react";
import { answerOf } from "./approval.ts";
import { markdownLines } from "./markdown.ts";
import { paint, span } from "./spans.ts";
import type { OpenQuestion, Outcome } from "./transcript.ts";

export interface QuestionProps {
  question: OpenQuestion;
  columns: number;
  rows: number;
  isReading: boolean;
  onDecide(id: number, outcome: Outcome): void;
  onInterrupt(): void;
  /** The whole question is to be put into the scroll-back: it does not fit the screen. */
  onUnfold(): void;
}

/** Border, keys, the line that says where the rest is, a space above and a row to spare. */
const frameRows = 6;

/** A question in a frame; one key decides it, and no other key does anything. */
export function Question({ question, columns, rows, isReading, onDecide, onInterrupt, onUnfold }: QuestionProps) {
  const quietSince = useRef(performance.now());
  const { setCursorPosition } = useCursor();
  setCursorPosition(undefined);
  useEffect(() => {
    quietSince.current = performance.now();
  }, []);

  useInput(
    (input, key) => {
      if (key.eventType === "release") return;
      if (key.ctrl && input === "c") return onInterrupt();
      const answer = answerOf(input, key, performance.now() - quietSince.current);
      if (answer) return onDecide(question.id, answer);
      if (!/^[yn]$/i.test(input)) quietSince.current = performance.now();
    },
    { isActive: isReading },
  );

  const lines = markdownLines(question.text, columns - 4);
  const shown = lines.slice(0, Math.max(1, rows - frameRows));
  const isCut = shown.length < lines.length;
  useEffect(() => {
    if (isCut) onUnfold();
  }, [isCut, onUnfold]);

  return (
    <Box borderStyle="round" paddingX={1} flexDirection="column" width={columns}>
      <Text>{shown.map((line) => line || " ").join("\n")}</Text>
      {isCut && <Text>{paint([span(`… the whole of it stands above, ${lines.length} lines`, { dim: true })])}</Text>}
      <Text>
        {paint([
          span("[y]", { bold: true, color: "green" }),
          span(" yes   "),
          span("[n]", { bold: true, color: "red" }),
          span(" no"),
        ])}
      </Text>
    </Box>
  );
}
