import { createInterface } from "node:readline";
import { ConfigError } from "../errors.ts";

/** Asks on the terminal; what is typed is not shown. @throws ConfigError when the one who is asked leaves. */
export function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const reader = createInterface({ input: process.stdin, terminal: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  reader.once("line", resolve);
  reader.once("SIGINT", () => reader.close());
  reader.once("close", () => reject(new ConfigError("You left; nothing was done.")));
  return promise.finally(() => {
    process.stderr.write("\n");
    reader.close();
  });
}
