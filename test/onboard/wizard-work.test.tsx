import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { back, down, end, enter, interrupt, openWizard, type WizardPersonOptions } from "../support/wizard-person.tsx";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

/** Every question with its answer, for a homeserver of one's own. */
const questions: [words: string, ...keys: string[]][] = [
  ["What shall your agent be called?", enter],
  ["openai-compatible", end, enter],
  ["Which model?", enter],
  ["How many tokens", enter],
  ["Shall it have another model?", enter],
  ["Where will you talk to it?", enter],
  ["What shall your own account be called?", enter],
  ["Which time zone", enter],
  ["Is this right?"],
];

async function openToSummary(options: WizardPersonOptions = {}) {
  const wizard = await openWizard(home.path, options);
  await wizard.walk(...questions);
  return wizard;
}

describe("the wizard, left with Ctrl-C", () => {
  it.each(questions.map(([words], index) => [words, index]))("at “%s” leaves nothing behind", async (words, index) => {
    let begun = false;
    const wizard = await openWizard(home.path, {
      async work() {
        begun = true;
      },
    });
    await wizard.walk(...questions.slice(0, index));
    await wizard.sees(words);
    wizard.press(interrupt);
    expect(await wizard.ended()).toBeUndefined();
    expect(begun).toBe(false);
    expect(readdirSync(home.path)).toEqual([]);
  });

  it("in the middle of the work ends that", async () => {
    const stopped = Promise.withResolvers<void>();
    const { press, sees, ended } = await openToSummary({
      work: (_answers, onProgress, signal) =>
        new Promise((_, reject) => {
          onProgress("Making the accounts");
          signal.addEventListener("abort", () => {
            stopped.resolve();
            reject(signal.reason);
          });
        }),
    });
    press(enter);
    await sees("Making the accounts");
    press(interrupt);
    await stopped.promise;
    expect(await ended()).toBeUndefined();
  });
});

describe("the wizard's work", () => {
  it("begins with the last yes, says what it is at, and what was done before", async () => {
    const done = Promise.withResolvers<void>();
    const { press, sees, ended } = await openToSummary({
      async work(_answers, onProgress) {
        onProgress("Starting the homeserver");
        onProgress("Making the accounts");
        await done.promise;
      },
    });
    press(enter);
    await sees("✓ Starting the homeserver");
    await sees("Making the accounts");
    done.resolve();
    expect(await ended()).toMatchObject({ name: "Memtrix" });
  });

  it("that fails is told with what to do, and tried again on the same screen", async () => {
    let attempts = 0;
    const { press, sees, ended } = await openToSummary({
      async work() {
        attempts += 1;
        if (attempts === 1) throw new ConfigError("The homeserver at http://conduit:6167 cannot be reached: start it.");
      },
    });
    press(enter);
    await sees("! The homeserver at http://conduit:6167 cannot be reached: start it.");
    press(enter);
    expect(await ended()).toMatchObject({ name: "Memtrix" });
    expect(attempts).toBe(2);
  });

  it("that fails lets the answers be changed", async () => {
    const { press, sees } = await openToSummary({
      async work() {
        throw new ConfigError("That name is taken.");
      },
    });
    press(enter);
    await sees("! That name is taken.");
    press(down, enter);
    await sees("Is this right?");
    press(back);
    await sees("Which time zone");
    expect(existsSync(`${home.path}/data/config.json`)).toBe(false);
  });
});

describe("the wizard in a small terminal", () => {
  it.each([
    [80, 24],
    [60, 20],
    [50, 18],
  ])("of %i × %i fits on every screen", async (columns, rows) => {
    const { walk, screen } = await openWizard(home.path, { columns, rows });
    // A screen that is taller, or wider, fails.
    for (const question of questions) {
      await walk(question);
      expect(
        Math.max(
          ...screen()
            .split("\n")
            .map((line) => [...line].length),
        ),
      ).toBeLessThanOrEqual(columns);
    }
  });
});
