// Preloaded into the program (`node --import`): counts its writes, and kills it without warning at one of them.
//   KILL_AT_WRITE=before:17 or after:17   where to kill it
//   KILL_AT_WRITE=throw:17                where to throw instead
//   WRITES_FILE=PATH                      gets one line for each write, as far as it came
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";

const [moment, number] = (process.env.KILL_AT_WRITE ?? "").split(":");
const file = process.env.WRITES_FILE && fs.openSync(process.env.WRITES_FILE, "a");
const note = fs.writeSync;
let writes = 0;
/** Above 0 within a write: what Node does inside of it is not counted again. */
let depth = 0;

function kill() {
  process.kill(process.pid, "SIGKILL");
}

function begin(what) {
  const mine = ++writes;
  if (file) note(file, `${String(what).trim().replace(/\s+/g, " ").slice(0, 90)}\n`);
  if (moment === "before" && mine === Number(number)) kill();
  return mine;
}

function end(mine) {
  if (moment === "after" && mine === Number(number)) kill();
}

/** Counts the calls of `owner[name]` that `describe` finds a word for. */
function count(owner, name, describe) {
  const original = owner[name];
  if (typeof original !== "function") throw new Error(`There is no ${name} to count.`);
  owner[name] = function (...given) {
    const what = depth === 0 ? describe(this, given) : undefined;
    if (what === undefined) return original.apply(this, given);

    const mine = begin(what);
    if (moment === "throw" && mine === Number(number)) throw new Error(`thrown by the test at: ${what}`);
    const callback = given.at(-1);
    const isCallback = typeof callback === "function";
    if (isCallback)
      given[given.length - 1] = (...results) => {
        end(mine);
        callback(...results);
      };
    depth++;
    let result;
    try {
      result = original.apply(this, given);
    } finally {
      depth--;
    }
    if (result instanceof Promise) return result.finally(() => end(mine));
    if (!isCallback) end(mine);
    return result;
  };
}

const changes =
  "write writev rename unlink rm rmdir mkdir fsync fdatasync ftruncate truncate copyFile link symlink chmod fchmod";
for (const name of [...changes.split(" "), "writeFile", "appendFile"]) {
  const describe = (_, [where]) => `${name} ${where}`;
  count(fs, name, describe);
  count(fs, `${name}Sync`, describe);
  if (name in promises) count(promises, name, describe);
}
const probe = await promises.open(process.execPath);
for (const name of ["write", "writev", "writeFile", "appendFile", "sync", "datasync", "truncate", "chmod"])
  count(Object.getPrototypeOf(probe), name, () => `${name} of an open file`);
await probe.close();
syncBuiltinESMExports();

count(DatabaseSync.prototype, "exec", (_, [sql]) => sql);
count(DatabaseSync.prototype, "close", () => "close database");
const reads = /^\s*(SELECT|EXPLAIN|PRAGMA [a-z_]+\s*$)/i;
for (const name of ["run", "get", "all", "iterate"])
  count(StatementSync.prototype, name, ({ sourceSQL }) => (reads.test(sourceSQL) ? undefined : sourceSQL));

count(process.stdout, "write", (_, [text]) => `stdout ${JSON.stringify(String(text))}`);
count(process.stderr, "write", (_, [text]) => `stderr ${JSON.stringify(String(text))}`);
