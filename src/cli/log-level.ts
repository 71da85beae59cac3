import { ConfigError } from "../errors.ts";
import { type LogLevel, logLevels } from "../log.ts";

/** What LOG_LEVEL says; nothing when it is unset. */
export function logLevel({ LOG_LEVEL }: NodeJS.ProcessEnv): { logLevel?: LogLevel } {
  if (!LOG_LEVEL) return {};
  const level = logLevels.find((name) => name === LOG_LEVEL.toLowerCase());
  if (!level) throw new ConfigError(`LOG_LEVEL is "${LOG_LEVEL}": use one of ${logLevels.join(", ")}.`);
  return { logLevel: level };
}
