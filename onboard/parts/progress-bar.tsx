import { Text } from "ink";
import { accent } from "./colors.ts";

const width = 32;

/** `done`: from 0 to 1. */
export function ProgressBar({ done, children }: { done: number; children: string }) {
  const filled = Math.round(Math.max(0, Math.min(1, done)) * width);
  return (
    <Text wrap="truncate">
      <Text {...accent()}>{"█".repeat(filled)}</Text>
      <Text dimColor>{"░".repeat(width - filled)}</Text> {`${Math.floor(done * 100)}`.padStart(3)} % {children}
    </Text>
  );
}
