import { join } from "node:path";
import { expect, it } from "vitest";
import { openMatrixScene } from "../support/matrix-scene.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const canRun = await canRunSynapse();
const preload = join(import.meta.dirname, "../support/kill-at-step.mjs");

/** The way of a message; each of these is written once on it. */
const steps = {
  "before it is in the inbox": "before:INSERT INTO inbox",
  "in the inbox, and the sync does not count as read": "after:INSERT INTO inbox",
  "before the sync counts as read": "before:INSERT OR REPLACE INTO position",
  "the sync counts as read": "after:INSERT OR REPLACE INTO position",
  "a run has it": "after:UPDATE inbox SET run",
  "a step is stored": "after:UPDATE run SET state",
  "before its answer is in the outbox": "before:INSERT INTO outbox",
  "its answer is in the outbox": "after:INSERT INTO outbox",
  "its answer is about to leave": "after:UPDATE outbox SET first_tried_at",
  "its answer has left, and is not marked": "before:UPDATE outbox SET sent_at",
  "its answer is marked": "after:UPDATE outbox SET sent_at",
};

it.skipIf(!canRun)(
  "a program that is killed at any step of a message's way answers it once",
  { timeout: 180_000 },
  async () => {
    await using scene = await openMatrixScene();
    const first = scene.start();
    await scene.enter();
    first.kill("SIGTERM");
    await first.ended;

    const ends: Record<string, string | null> = {};
    for (const [name, step] of Object.entries(steps)) {
      const running = scene.start({ NODE_OPTIONS: `--import=${preload}`, KILL_AT_STEP: step });
      await scene.say();
      const tooLate = setTimeout(() => running.kill("SIGTERM"), 15_000);
      ends[name] = (await running.ended).signal;
      clearTimeout(tooLate);
    }
    const last = scene.start();
    await scene.say();
    await scene.settle(30_000);
    last.kill("SIGTERM");
    await last.ended;

    expect(ends).toEqual(Object.fromEntries(Object.keys(steps).map((name) => [name, "SIGKILL"])));
    expect((await scene.judge()).faults).toEqual([]);
  },
);
