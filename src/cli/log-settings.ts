import { ConfigError } from "../errors.ts";
import { type LogFormat, type LogLevel, logFormats, logLevels } from "../log.ts";

/** What LOG_LEVEL and LOG_FORMAT say; nothing for one that is unset. @throws ConfigError for a word that is none. */
export function logSettings(environment: NodeJS.ProcessEnv): { logLevel?: LogLevel; logFormat?: LogFormat } {
  const logLevel = oneOf(logLevels, "LOG_LEVEL", environment);
  const logFormat = oneOf(logFormats, "LOG_FORMAT", environment);
  return { ...(logLevel && { logLevel }), ...(logFormat && { logFormat }) };
}

function oneOf<Word extends string>(words: readonly Word[], name: string, environment: NodeJS.ProcessEnv) {
  const value = environment[name];
  if (!value) return undefined;
  const word = words.find((one) => one === value.toLowerCase());
  if (!word) throw new ConfigError(`${name} is "${value}": use one of ${words.join(", ")}.`);
  return word;
}
