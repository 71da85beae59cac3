import { Box, Text, useWindowSize } from "ink";
import type { ReactNode } from "react";
import { accent, warning } from "./colors.ts";

/** Which question of how many. */
export interface Place {
  step: number;
  of: number;
}

export interface FrameProps {
  /** Undefined where nothing is asked any more. */
  place: Place | undefined;
  question: string;
  /** What helps to answer, in a sentence or two. */
  help?: ReactNode;
  /** What is wrong with the answer. */
  problem?: string | undefined;
  keys: string;
  children?: ReactNode;
}

/** A screen fits into a terminal of 80 × 24, and is no larger on others. */
const widest = 80;
const tallest = 23;

/** One question, alone on its screen; the keys that it knows at the bottom. */
export function Frame({ place, question, help, problem, keys, children }: FrameProps) {
  const { columns, rows } = useWindowSize();
  const width = Math.min(columns, widest);
  return (
    // One row less than the terminal has: a frame that fills it would be drawn anew as a whole with each key.
    <Box flexDirection="column" width={width} height={Math.min(rows - 1, tallest)} paddingX={2} paddingTop={1}>
      <Box justifyContent="space-between" flexShrink={0}>
        <Text>
          <Text {...accent()}>◆ Memtrix</Text>
          <Text dimColor> · setting up</Text>
        </Text>
        {place && <Text dimColor>{`step ${place.step} of ${place.of}`}</Text>}
      </Box>
      <ProgressLine place={place} width={width - 4} />
      <Box flexDirection="column" flexGrow={1} flexShrink={1} overflowY="hidden" marginTop={1}>
        <Box flexShrink={0}>
          <Text bold>{question}</Text>
        </Box>
        {help && (
          <Box flexShrink={0}>
            <Text dimColor>{help}</Text>
          </Box>
        )}
        <Box flexDirection="column" flexShrink={0} marginTop={1}>
          {children}
        </Box>
        {problem && (
          <Box flexShrink={0} marginTop={1}>
            <Text {...warning()}>! {problem}</Text>
          </Box>
        )}
      </Box>
      <Box flexShrink={0} marginTop={1}>
        <Text dimColor>{keys ? `${keys} · ` : ""}Ctrl-C leave</Text>
      </Box>
    </Box>
  );
}

function ProgressLine({ place, width }: { place: Place | undefined; width: number }) {
  const done = place ? Math.round((place.step / place.of) * width) : width;
  return (
    <Box flexShrink={0}>
      <Text {...accent()}>{"━".repeat(done)}</Text>
      <Text dimColor>{"─".repeat(width - done)}</Text>
    </Box>
  );
}
