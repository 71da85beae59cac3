import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readDiskSteps, tracingDisk } from "./disk-steps.ts";
import { createLossyDisk, type Files, type Loss, layFiles, readFiles } from "./power-loss.ts";
import { program } from "./program.ts";
import { readStore } from "./store-seen.ts";
import { type TemporaryHome, temporaryHome } from "./temporary-home.ts";
import { faultsOf, finalAnswer, layTidyHome, request, tidyModel } from "./tidy-run.ts";
import { startWireModel } from "./wire-model.ts";

/** A run that touches all that a run may touch, recorded down to each write, and what each power loss would leave of it. */
export interface RecordedRun extends AsyncDisposable {
  steps: number;
  /** What the disk holds that loses its power after so many steps; `deaf`, it was never told to flush anything. */
  diskAfter(step: number, loss: Loss, options?: { deaf?: boolean }): LostDisk;
  /** All that is wrong with it, as it lies there. */
  faultsOf(disk: LostDisk): string[];
  /** Starts the program over it until it has dealt with everything. Gives all that is wrong then. */
  goOnFrom(disk: LostDisk): Promise<string[]>;
}

export interface LostDisk {
  step: number;
  loss: Loss;
  files: Files;
  /** What the person had seen on the screen by then. */
  said: string;
}

const mostStarts = 4;

export async function recordRun(): Promise<RecordedRun> {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await startWireModel("ollama", tidyModel));
  const home = opening.use(temporaryHome());
  const traces = opening.use(temporaryHome());
  layTidyHome(home, model);
  const memtrix = opening.use(program({ home: home.path }));
  // As it is in use: its first files are there, and long on the disk.
  await memtrix.chat([]);
  const before = readFiles(home.path);
  const prefix = join(traces.path, "trace");
  const running = memtrix.start(["chat", "-m", request, "--yes"], { prefix: tracingDisk(prefix), limitMs: 120_000 });
  running.input.end();
  const { code, stdout, stderr } = await running.ended;
  if (code !== 0) throw new Error(`Unhurt, the run already fails: ${stdout}${stderr}`);
  const steps = readDiskSteps(prefix, home.path);
  const versions = versionsOf(before, steps);
  const kept = opening.move();

  /** What may lie at each path: a version that was there whole. */
  function versionsOf(files: Files, all: typeof steps): Map<string, (Buffer | undefined)[]> {
    const disk = createLossyDisk(files);
    const known = new Map([...files].map(([path, bytes]) => [path, [bytes]]));
    for (const step of all) {
      const from = step.kind === "rename" ? disk.after("all").get(step.from) : undefined;
      disk.apply(step);
      if (step.kind === "rename") known.set(step.to, [...(known.get(step.to) ?? [undefined]), from]);
      if (step.kind === "remove") known.get(step.path)?.push(undefined);
    }
    for (const [path, bytes] of readFiles(home.path))
      if (
        !disk
          .after("all")
          .get(path)
          ?.equals(bytes ?? Buffer.alloc(0)) &&
        isOwners(path) &&
        bytes !== undefined
      )
        throw new Error(`The record of ${path} is not what lies there.`);
    return known;
  }

  function isOwners(path: string): boolean {
    const name = path.slice(home.path.length + 1);
    return /^workspace\/(?!.*\/\.|\.)/.test(name) || name === "data/config.json" || name === ".env";
  }

  return {
    steps: steps.length,
    diskAfter(count, loss, { deaf = false } = {}) {
      const disk = createLossyDisk(before);
      for (const step of steps.slice(0, count)) if (!deaf || step.kind !== "flush") disk.apply(step);
      const said = steps.slice(0, count).flatMap((step) => (step.kind === "said" ? [step.text] : []));
      return { step: count, loss, files: disk.after(loss), said: said.join("") };
    },
    faultsOf({ files, said }) {
      const faults: string[] = [];
      for (const path of new Set([...files.keys(), ...before.keys()])) {
        if (!isOwners(path)) continue;
        const bytes = files.get(path);
        const isFolder = files.has(path) && bytes === undefined;
        const isWhole = (versions.get(path) ?? [undefined]).some(
          (one) => one === bytes || (bytes && one?.equals(bytes)),
        );
        if (!isFolder && !isWhole)
          faults.push(`${path.slice(home.path.length)} is none of its versions (${bytes?.length} bytes)`);
      }
      using copy = copyOf(files);
      const { integrity, inbox, outbox } = readStore(copy.path);
      if (integrity !== "ok") faults.push(`the database is damaged: ${integrity}`);
      if (!said.includes(finalAnswer)) return faults;
      if (!inbox.every(({ done }) => done) || !outbox.some(({ text }) => text.includes(finalAnswer)))
        faults.push("what was shown is not stored");
      return faults;
    },
    async goOnFrom({ files, said }) {
      using copy = copyOf(files);
      const next = program({ home: copy.path });
      let shown = said;
      for (let start = 0; start < mostStarts; start++) {
        const isTakenIn = readStore(copy.path).inbox.length > 0;
        const { code, stdout, stderr } = isTakenIn ? await next.chat([], "--yes") : await next.say(request, "--yes");
        if (code !== 0) return [`the next start ended with ${code}: ${stderr}`];
        shown += stdout + stderr;
        if (isTakenIn) break;
      }
      return faultsOf(copy.path, shown);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  function copyOf(files: Files): TemporaryHome {
    const copy = temporaryHome();
    layFiles(files, home.path, copy.path);
    // Shared memory: it does not outlive a machine that goes down.
    for (const name of readdirSync(join(copy.path, "data")))
      if (name.endsWith("-shm")) rmSync(join(copy.path, "data", name));
    return copy;
  }
}
