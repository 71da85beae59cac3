import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Meaning } from "./meaning.ts";

/**
 * Begins to open it at the first use, and never waits for it: until it is there all goes by keyword, and says so. What
 * failed, as on a full disk, is tried again at the first use after `retryMs`.
 */
export function createLateMeaning(open: () => Promise<Meaning>, log: Logger, retryMs = 60_000): Meaning {
  let meaning: Meaning | undefined;
  let opening: Promise<Meaning | undefined> | undefined;
  let hindrance = "the embedding model is being opened";
  let isClosed = false;
  let failedAt = -Infinity;

  const begin = (): void => {
    if (isClosed || performance.now() - failedAt < retryMs) return;
    opening ??= open().then(
      (opened) => {
        meaning = opened;
        if (!isClosed) opened.update();
        return opened;
      },
      (error) => {
        hindrance = messageOf(error);
        failedAt = performance.now();
        opening = undefined;
        log.warn("Nothing is searched by meaning", { error });
        return undefined;
      },
    );
  };

  return {
    async search(text, range, signal) {
      begin();
      return meaning?.search(text, range, signal);
    },
    async ready(signal) {
      begin();
      await (await opening)?.ready(signal);
    },
    update() {
      begin();
      meaning?.update();
    },
    async rebuild(onProgress, signal) {
      begin();
      const opened = await opening;
      if (!opened) throw new Error(hindrance);
      await opened.rebuild(onProgress, signal);
    },
    describe: () => meaning?.describe() ?? `searched by keyword alone: ${hindrance}`,
    details: () => meaning?.details(),
    shortcomings: () => meaning?.shortcomings() ?? [`searched by keyword alone: ${hindrance}`],
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await (await opening)?.[Symbol.asyncDispose]();
    },
  };
}
