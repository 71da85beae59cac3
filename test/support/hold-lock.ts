import { takeOwnerLock } from "../../src/store/owner-lock.ts";

// Holds the lock of the folder given until it is told to let go, or is killed.
const lock = takeOwnerLock(process.argv[2] ?? "", "memtrix start", new Date("2026-11-20T10:00:00Z"));
process.send?.("held");
process.once("message", () => {
  lock[Symbol.dispose]();
  process.disconnect();
});
