import { EventEmitter, once } from "node:events";
import { render } from "ink";
import { onTestFinished } from "vitest";
import type { Answers } from "../../onboard/answers.ts";
import { openSetup, type Setup } from "../../onboard/setup.ts";
import { Wizard, type Work } from "../../onboard/wizard.tsx";
import { writeSetup } from "../../onboard/write.ts";
import type { TemporaryHome } from "./temporary-home.ts";

export const enter = "\r";
export const back = "\u001b";
export const down = "\u001b[B";
export const end = "\u001b[F";
export const clear = "\u0015";
export const interrupt = "\u0003";

export interface WizardPersonOptions {
  columns?: number;
  rows?: number;
  env?: NodeJS.ProcessEnv;
  /** Changes what onboarding works with. */
  change?(setup: Setup): Setup;
  /** What is done after the last yes; nothing, at first. */
  work?: Work;
}

/** Somebody before the wizard as it is on this home: keys go in, and what stands on the screen can be waited for. */
export async function openWizard(home: string, options: WizardPersonOptions = {}) {
  const { columns = 80, rows = 24, env = {}, change = (setup) => setup, work = async () => {} } = options;
  const setup = change(await openSetup(home, env));
  const person = terminal(columns, rows);
  let answers: Answers | undefined;
  const take: Work = async (given, ...rest) => {
    await work(given, ...rest);
    answers = given;
  };
  const app = render(<Wizard setup={setup} work={take} onDone={() => {}} />, {
    ...person,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  onTestFinished(() => app.unmount());
  await person.sees("What shall your agent be called?");

  /** Resolves with what was answered once the wizard is gone; undefined where the person left. */
  async function ended(): Promise<Answers | undefined> {
    await app.waitUntilExit();
    return answers;
  }
  return {
    ...person,
    setup,
    ended,
    /** The same, and writes it. */
    async save() {
      const given = await ended();
      if (given) await writeSetup({ ...setup, answers: given });
    },
    /** Waits for words, then presses keys; as often as there are pairs. */
    async walk(...steps: [words: string, ...keys: string[]][]) {
      for (const [words, ...keys] of steps) {
        await person.sees(words);
        person.press(...keys);
      }
    },
  };
}

export type WizardPerson = Awaited<ReturnType<typeof openWizard>>;

/** So that a screen that never comes is told before the test is ended. */
const patienceMs = 15_000;

function terminal(columns: number, rows: number) {
  const frames = new EventEmitter();
  let screen = "";
  let tooTall: string | undefined;
  const stdout = Object.assign(new EventEmitter(), {
    ...{ columns, rows },
    write(frame: string, ...rest: unknown[]) {
      screen = frame;
      if (frame.trimEnd().split("\n").length >= rows) tooTall = frame;
      frames.emit("frame");
      const written = rest.find((each) => typeof each === "function");
      written?.();
      return true;
    },
  });
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    pending: [] as string[],
    read: () => stdin.pending.shift() ?? null,
    setEncoding() {},
    setRawMode() {},
    resume() {},
    pause() {},
    ref() {},
    unref() {},
  });
  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    screen: () => screen,
    press(...keys: string[]) {
      for (const key of keys) {
        stdin.pending.push(key);
        stdin.emit("readable");
      }
    },
    /**
     * Resolves once the screen says this, however it breaks the lines, and listens to keys. Rejects when a screen was taller
     * than the terminal, and with the screen when it never says so.
     */
    async sees(words: string) {
      const isThere = () => screen.includes(words) || screen.replace(/\s+/g, " ").includes(words);
      const late = setTimeout(() => frames.emit("error", new Error(`Never seen: ${words}\n${screen}`)), patienceMs);
      while (!isThere()) await once(frames, "frame");
      clearTimeout(late);
      if (tooTall !== undefined) throw new Error(`This screen does not fit:\n${tooTall}`);
      // React attaches what listens to keys after the frame is out.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Sets up a home whose models come from this address. */
export function configured(home: TemporaryHome, type: string, settings: object, model = "llama3"): void {
  home.write("data/config.json", {
    version: 1,
    "main-agent": { name: "Ada", model },
    timezone: "UTC",
    providers: { mine: { type, ...settings } },
    models: { [model]: { provider: "mine", model, context_tokens: 8192 } },
  });
}
