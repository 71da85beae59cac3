import { DatabaseSync, StatementSync } from "node:sqlite";

// Preloaded into the program (`node --import`): kills it without warning where it writes a certain thing.
//   KILL_AT_STEP=before:SQL or after:SQL   the beginning of the statement; `after` is when it is stored for good
//   KILL_AT_STEP=before#3:SQL              the third time

const [, moment, time = "1", begins] = /^(before|after)(?:#(\d+))?:(.*)$/s.exec(process.env.KILL_AT_STEP ?? "") ?? [];
const isMeant = (sql) => begins !== undefined && sql.trim().replace(/\s+/g, " ").startsWith(begins);
const kill = () => process.kill(process.pid, "SIGKILL");
let isWritten = false;
let times = 0;

for (const name of ["run", "get", "all"]) {
  const original = StatementSync.prototype[name];
  StatementSync.prototype[name] = function (...given) {
    const meant = isMeant(this.sourceSQL) && ++times === Number(time);
    if (meant && moment === "before") kill();
    const result = original.apply(this, given);
    if (meant) {
      isWritten = true;
      // Within a transaction it is stored with all of that. One that is alone is stored now: nothing begins meanwhile.
      queueMicrotask(() => isWritten && kill());
    }
    return result;
  };
}

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) {
  const result = exec.call(this, sql);
  if (isWritten && sql.startsWith("COMMIT")) kill();
  return result;
};
