import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface TmuxOptions {
  columns: number;
  rows: number;
  /** What runs in it, as a shell reads it. */
  command: string;
  env?: Record<string, string>;
}

/** A real terminal, played by tmux. Disposing of it ends what runs in it. */
export interface Tmux extends AsyncDisposable {
  /** By tmux's names for keys; other words are typed. */
  press(...keys: string[]): Promise<void>;
  /** What stands on the screen. */
  screen(): Promise<string>;
  /** The same with its colours, as escape sequences. */
  paintedScreen(): Promise<string>;
  /** Resolves with the screen once it says this; rejects with the screen after `limitMs`. */
  sees(words: string, limitMs?: number): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
}

export async function canRunTmux(): Promise<boolean> {
  return run("tmux", ["-V"]).then(
    () => true,
    () => false,
  );
}

export async function openTmux({ columns, rows, command, env = {} }: TmuxOptions): Promise<Tmux> {
  const socket = `memtrix-${randomUUID()}`;
  const tmux = async (...words: string[]) => (await run("tmux", ["-L", socket, ...words])).stdout;
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await tmux("-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, ...variables, command);
  await tmux("set-option", "-g", "remain-on-exit", "on");

  const screen = () => tmux("capture-pane", "-p");
  return {
    screen,
    paintedScreen: () => tmux("capture-pane", "-e", "-p"),
    async press(...keys) {
      for (const key of keys) await tmux("send-keys", key);
    },
    async sees(words, limitMs = 30_000) {
      for (const began = performance.now(); ; ) {
        const shown = await screen();
        if (shown.includes(words)) return shown;
        if (performance.now() - began > limitMs) throw new Error(`Never seen: ${words}. The screen:\n${shown}`);
        await sleep(50);
      }
    },
    async resize(wide, high) {
      await tmux("resize-window", "-x", `${wide}`, "-y", `${high}`);
    },
    async [Symbol.asyncDispose]() {
      await tmux("kill-server").catch(() => {});
    },
  };
}
