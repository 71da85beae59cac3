import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/**
 * What must survive of a run when the program is killed in the middle of it. A field that comes later needs a default: a
 * run may have been begun by an older version.
 */
const RunState = z.object({
  steps: z.number(),
  calls: z.number(),
  refusals: z.number(),
  /** Time spent working; waiting for a person is not work. */
  workMs: z.number(),
  /** Why the run is tainted: one phrase for each source. Empty when it is clean. */
  taints: z.array(z.string()),
  /** How often each call came with the same arguments and result, by hash. */
  repeats: z.record(z.string(), z.number()),
  /** What the model has read, and the hash of what it saw. */
  seen: z.record(z.string(), z.string()).default({}),
  /** How many addresses that only a result had named were opened unasked, by domain. */
  opened: z.record(z.string(), z.number()).default({}),
  /** The effects of the calls that did what they should. */
  effects: z.array(z.string()).default([]),
  /** What the memory gave for the message, as it stands in every request of the run; undefined when not asked yet. */
  recollections: z.string().optional(),
});
export type RunState = z.infer<typeof RunState>;

const OpenStep = z.object({
  /** What the model said: an assistant message. */
  message: z.unknown(),
  text: z.string(),
  /** It was said when the run was tainted. */
  derived: z.boolean().default(false),
  calls: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      input: z.unknown(),
      problem: z.string().optional(),
      state: z.enum(["new", "begun", "done"]),
      output: z.string().optional(),
      failed: z.boolean().optional(),
      origin: z.enum(["owner", "agent", "guest", "web", "derived"]).optional(),
      picture: z.object({ path: z.string(), hash: z.string(), tokens: z.number() }).optional(),
    }),
  ),
});
/** A step whose calls are under way: not in the log yet. */
export type OpenStep = z.infer<typeof OpenStep>;
export type OpenCall = OpenStep["calls"][number];

export interface Run {
  id: number;
  session: number;
  startedAt: Date;
  /** How often the program has begun or resumed it. */
  attempts: number;
  state: RunState;
  openStep: OpenStep | undefined;
}

export interface Runs {
  begin(session: number): Run;
  /** A run that has not ended, taken up again; undefined when it has, or never was. */
  resume(id: number): Run | undefined;
  /** Writes `state` and `openStep` down as they are now. */
  save(run: Run): void;
  /** The program closes in good order: that it goes on later is no further attempt. */
  pause(run: Run): void;
  end(run: Run, reason: string): void;
  /** It has, or had, text of foreign origin in its request; also one that is not known any more. */
  isTainted(id: number): boolean;
}

export function createRuns(database: DatabaseSync, now: () => Date): Runs {
  const insert = database.prepare("INSERT INTO run (session, started_at, state) VALUES (?, ?, ?)");
  const find = database.prepare("SELECT * FROM run WHERE id = ? AND ended_at IS NULL");
  const stateOf = database.prepare("SELECT state FROM run WHERE id = ?");
  const attempt = database.prepare("UPDATE run SET attempts = attempts + ? WHERE id = ?");
  const save = database.prepare("UPDATE run SET state = ?, open_step = ? WHERE id = ?");
  const end = database.prepare("UPDATE run SET ended_at = ?, reason = ?, state = ?, open_step = NULL WHERE id = ?");

  return {
    begin(session) {
      const state = {
        steps: 0,
        calls: 0,
        refusals: 0,
        workMs: 0,
        taints: [],
        repeats: {},
        seen: {},
        opened: {},
        effects: [],
      };
      const startedAt = now();
      const { lastInsertRowid } = insert.run(session, startedAt.getTime(), JSON.stringify(state));
      return { id: Number(lastInsertRowid), session, startedAt, attempts: 1, state, openStep: undefined };
    },
    resume(id) {
      const row = find.get(id);
      if (!row) return undefined;
      attempt.run(1, id);
      return {
        id,
        session: Number(row.session),
        startedAt: new Date(Number(row.started_at)),
        attempts: Number(row.attempts) + 1,
        state: RunState.parse(JSON.parse(String(row.state))),
        openStep: row.open_step === null ? undefined : OpenStep.parse(JSON.parse(String(row.open_step))),
      };
    },
    save: ({ id, state, openStep }) =>
      void save.run(JSON.stringify(state), openStep ? JSON.stringify(openStep) : null, id),
    isTainted(id) {
      const row = stateOf.get(id);
      return !row || RunState.parse(JSON.parse(String(row.state))).taints.length > 0;
    },
    pause: ({ id }) => void attempt.run(-1, id),
    end: ({ id, state }, reason) => void end.run(now().getTime(), reason, JSON.stringify(state), id),
  };
}
