import { Text, useAnimation } from "ink";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Something is under way. */
export function Spinner({ children }: { children: string }) {
  const { frame } = useAnimation({ interval: 80 });
  return (
    <Text>
      <Text color="cyan">{frames[frame % frames.length]}</Text> {children}
    </Text>
  );
}
