import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { messageOf, UsageError } from "../errors.ts";

/**
 * The flags behind a command's name, and the words among them where it takes some.
 * @throws UsageError for a flag that there is not, and for words that are not taken.
 */
export function parseFlags<Options extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: Options,
  { words = false } = {},
) {
  try {
    return parseArgs({ args, options, allowPositionals: words });
  } catch (cause) {
    const [what] = messageOf(cause).split(". ");
    throw new UsageError(`${what?.replace(/\.$/, "")}. memtrix ${command} --help tells what there is.`, { cause });
  }
}

/** Of commands that take nothing else. */
export const helpFlag = { help: { type: "boolean", short: "h" } } as const;
