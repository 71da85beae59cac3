import { existsSync } from "node:fs";
import { loadConfig } from "../src/config/config.ts";
import { loadSecrets, saveSecrets } from "../src/config/secrets.ts";
import { homePaths } from "../src/home.ts";
import type { Logger } from "../src/log.ts";
import type { Answers } from "./answers.ts";
import { matrixSection } from "./matrix/answer.ts";
import { type PreparedMatrix, prepareMatrix, type SetUpKeys } from "./matrix/prepare.ts";
import type { Setup } from "./setup.ts";
import { type Written, writeSetup } from "./write.ts";

/** What came of it. */
export interface Outcome {
  answers: Answers;
  written: Written;
  matrix: PreparedMatrix | undefined;
}

export interface CarryOutOptions {
  setup: Pick<Setup, "home" | "surroundings">;
  setUpKeys: SetUpKeys;
  log: Logger;
  /** One sentence at a time. */
  onProgress(sentence: string): void;
  signal?: AbortSignal;
}

/**
 * Does what was answered: makes the accounts on Matrix, then writes the files. Broken off, it goes on from there when it is
 * called again with the same answers. Throws a ConfigError.
 */
export async function carryOut(answers: Answers, options: CarryOutOptions): Promise<Outcome> {
  const { setup, setUpKeys, log, onProgress, signal } = options;
  const { home, surroundings } = setup;
  // The owner may change it by hand while the questions are open, and while the work goes on.
  const configNow = async () => (existsSync(homePaths(home).config) ? await loadConfig(home) : undefined);
  const matrix =
    answers.matrix &&
    (await prepareMatrix(answers.matrix, {
      ...{ home, surroundings, setUpKeys, log, onProgress, secrets: loadSecrets(home), agentName: answers.name },
      before: matrixSection(await configNow()).section,
      saveSecrets: (secrets) => saveSecrets(home, secrets),
      ...(signal ? { signal } : {}),
    }));
  signal?.throwIfAborted();
  if (matrix) onProgress("Writing the files");
  const existing = await configNow();
  const written = await writeSetup({ home, answers, existing, matrix, surroundings });
  return { answers, written, matrix };
}
