import { logger as globalLogger, type Logger } from "matrix-js-sdk/lib/logger.js";

const quiet = (): void => {};

/** For a client of the SDK: nothing of what it says is printed. */
export const silentSdkLogger: Logger = {
  ...{ trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
  getChild: () => silentSdkLogger,
};

/** What does not use its client's logger uses a global one, from which more are made as the SDK is loaded. */
export function silenceSdk(): void {
  const logger = globalLogger as unknown as { methodFactory: unknown; rebuild(): void };
  logger.methodFactory = () => quiet;
  logger.rebuild();
}
