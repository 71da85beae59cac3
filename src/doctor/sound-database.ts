import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../errors.ts";

/** Looks through a SQLite file without changing it, also while another process writes it. Why it is damaged, or undefined. */
export function damageIn(
  path: string,
  look: (database: DatabaseSync) => string | undefined = () => undefined,
): string | undefined {
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    database.exec("PRAGMA busy_timeout = 5000");
    const { quick_check: found } = database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    return found === "ok" ? look(database) : found;
  } catch (error) {
    return messageOf(error);
  }
}
