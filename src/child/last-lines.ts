import type { Readable } from "node:stream";

/** Reads the streams to their end, so that a child never waits for us; gives the last non-empty lines of what came. */
export function lastLines(streams: Readable[], count = 3): () => string {
  let tail = "";
  for (const stream of streams) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      tail = (tail + text).slice(-4_000);
    });
  }
  return () =>
    tail
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .slice(-count)
      .join(" | ");
}
