import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Check, fault, ok } from "./check.ts";
import { damageIn } from "./sound-database.ts";

/** What was said, and what is to be sent. */
export const databaseCheck: Check = {
  name: "database",
  limitMs: 60_000,
  async run({ paths }) {
    const path = join(paths.data, "memtrix.db");
    if (!existsSync(path)) return [ok("nothing was said yet")];
    const damage = damageIn(path);
    if (damage === undefined) return [ok(`${path} is sound`)];
    return [
      fault(
        `${path} is damaged (${damage})`,
        "end Memtrix, then restore a backup into an empty folder: MEMTRIX_HOME=FOLDER memtrix restore FILE; without one, put back a copy of that file",
      ),
    ];
  },
};
