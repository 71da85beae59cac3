import { Box, Text, useWindowSize } from "ink";
import type { ReactNode } from "react";

export interface FrameProps {
  /** Which screen of how many. */
  place: string;
  question: string;
  /** What helps to answer, in a sentence or two. */
  help?: ReactNode;
  /** What is wrong with the answer. */
  problem?: string | undefined;
  keys: string;
  children?: ReactNode;
}

/** One question, alone on its screen. */
export function Frame({ place, question, help, problem, keys, children }: FrameProps) {
  const { columns } = useWindowSize();
  return (
    <Box flexDirection="column" width={Math.min(columns, 80)} paddingX={2} paddingTop={1}>
      <Box justifyContent="space-between" marginBottom={1}>
        <Text>
          <Text color="cyan" bold>
            ◆ Memtrix
          </Text>
          <Text dimColor> setting up</Text>
        </Text>
        <Text dimColor>{place}</Text>
      </Box>
      <Text bold>{question}</Text>
      {help && <Text dimColor>{help}</Text>}
      <Box flexDirection="column" marginTop={1}>
        {children}
      </Box>
      {problem && (
        <Box marginTop={1}>
          <Text color="yellow">! {problem}</Text>
        </Box>
      )}
      <Box marginTop={1}>
        <Text dimColor>{keys} · Ctrl-C leave</Text>
      </Box>
    </Box>
  );
}
