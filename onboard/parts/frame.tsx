import { Box, Text, useWindowSize } from "ink";
import type { ReactNode } from "react";
import { wrapped } from "../wrapped.ts";
import { accent } from "./colors.ts";
import { Problem } from "./problem.tsx";
import { heightOf, margin, widthOf } from "./screen-size.ts";

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
  help?: string;
  /** What is wrong with the answer. */
  problem?: string | undefined;
  keys: string;
  children?: ReactNode;
}

/** One question, alone on its screen; the keys that it knows at the bottom. */
export function Frame({ place, question, help, problem, keys, children }: FrameProps) {
  const { columns, rows } = useWindowSize();
  const width = widthOf(columns);
  return (
    <Box flexDirection="column" width={width + 2 * margin} height={heightOf(rows)} paddingX={margin} paddingTop={1}>
      <Box justifyContent="space-between" flexShrink={0}>
        <Text>
          <Text {...accent()}>◆ Memtrix</Text>
          <Text dimColor> · setting up</Text>
        </Text>
        {place && <Text dimColor>{`step ${place.step} of ${place.of}`}</Text>}
      </Box>
      <ProgressLine place={place} width={width} />
      <Box flexDirection="column" flexGrow={1} flexShrink={1} overflowY="hidden" marginTop={1}>
        <Box flexShrink={0}>
          <Text bold>{wrapped(question, width).join("\n")}</Text>
        </Box>
        {help && (
          <Box flexShrink={0}>
            <Text dimColor>{wrapped(help, width).join("\n")}</Text>
          </Box>
        )}
        <Box flexDirection="column" flexShrink={0} marginTop={1}>
          {children}
        </Box>
        {problem && (
          <Box flexShrink={0} marginTop={1}>
            <Problem>{problem}</Problem>
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
