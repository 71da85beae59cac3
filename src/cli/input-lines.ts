import { createInterface } from "node:readline";
import { ConfigError } from "../errors.ts";

/** The lines of the input that are not empty, each escaped as in a JSON string. */
export async function* inputLines(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin })) if (line !== "") yield unescaped(line);
}

function unescaped(line: string): string {
  try {
    return JSON.parse(`"${line}"`);
  } catch (cause) {
    throw new ConfigError(`This line is not escaped as in a JSON string: ${line}`, { cause });
  }
}
