import { Text, useAnimation } from "ink";
import { accent } from "./colors.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Something is under way. */
export function Spinner({ children }: { children: string }) {
  const { frame } = useAnimation({ interval: 80 });
  return (
    <Text>
      <Text {...accent()}>{frames[frame % frames.length]}</Text> {children}
    </Text>
  );
}
