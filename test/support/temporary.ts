import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openStore, type Store } from "../../src/store/store.ts";

/** A folder of this test alone, removed when it is over. */
export function temporaryFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "memtrix-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A real database of this test alone, closed and removed when it is over. */
export function temporaryStore(now?: () => Date): Store {
  const store = openStore(temporaryFolder(), now);
  onTestFinished(() => store[Symbol.dispose]());
  return store;
}

/** A clock that stands still until it is set. */
export interface Clock {
  now(): Date;
  set(time: string): void;
  advance(ms: number): void;
}

export function clockAt(time: string): Clock {
  let at = Date.parse(time);
  return {
    now: () => new Date(at),
    set(time) {
      at = Date.parse(time);
    },
    advance(ms) {
      at += ms;
    },
  };
}
