import { duration } from "../channel/cli/clock.ts";

/** What takes long, one thing after the other: each is named when it begins, and its time told when it is over. */
export interface Progress extends Disposable {
  begin(sentence: string): void;
  end(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function createProgress(write: (text: string) => void, isTerminal: boolean): Progress {
  let current: { sentence: string; begun: number; timer: NodeJS.Timeout | undefined } | undefined;

  function draw(): void {
    if (!current) return;
    const { sentence, begun } = current;
    const passedMs = performance.now() - begun;
    const frame = frames[Math.floor(passedMs / 100) % frames.length];
    write(`\r${frame} ${sentence} ${passedMs < 2_000 ? "" : `${Math.floor(passedMs / 1_000)} s`}\x1b[K`);
  }

  function leave(mark: string): void {
    if (!current) return;
    const { sentence, begun, timer } = current;
    clearInterval(timer);
    if (isTerminal) write(`\r${mark} ${sentence} (${duration(performance.now() - begun)})\x1b[K\n`);
    current = undefined;
  }

  return {
    begin(text) {
      const sentence = text.replace(/\.$/, "");
      if (sentence === current?.sentence) return;
      leave("✓");
      current = { sentence, begun: performance.now(), timer: undefined };
      if (!isTerminal) return write(`${sentence} …\n`);
      current.timer = setInterval(draw, 100);
      draw();
    },
    end: () => leave("✓"),
    [Symbol.dispose]: () => leave("✗"),
  };
}
