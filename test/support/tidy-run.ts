import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Turn } from "./model-server.ts";
import { readStore, type StoreSeen } from "./store-seen.ts";
import type { TemporaryHome } from "./temporary-home.ts";
import type { Heard, WireModel } from "./wire-model.ts";

// One run that touches all that a run may touch: a file read, a journal entry, a core file, a file made, one deleted.

export const request = "Tidy up, please.";
export const finalAnswer = "All is tidy.";
const kept = "The list, kept.\n".repeat(500);
const entry = "Tidied the notes.";
const fact = "- Likes it tidy";

/** Where the run begins. */
export function layTidyHome(home: TemporaryHome, { config }: WireModel): void {
  home.write("data/config.json", config);
  home.write("workspace/notes/list.txt", "milk\nbread\n");
  home.write("workspace/old.txt", "to be deleted");
  mkdirSync(join(home.path, "agents"), { recursive: true });
}

/** The model's part. It does each thing once, and does nothing again of which it is told that it may have happened. */
export function tidyModel({ calls }: Heard): string | Turn {
  const of = (name: string) => calls.filter((call) => call.name === name);
  const done = (name: string) => of(name).length > 0;
  if (!done("read_file") || !done("write_memory_file"))
    return {
      text: "I look first.",
      calls: [
        { name: "read_file", input: { path: "notes/list.txt" } },
        { name: "write_memory_file", input: { section: "Notes", text: entry } },
      ],
    };

  const wrote = of("write_core_file").at(-1);
  if (!wrote || /with read_core_file first/.test(wrote.output)) {
    const read = of("read_core_file");
    if (read.length <= of("write_core_file").length)
      return { calls: [{ name: "read_core_file", input: { name: "USER" } }] };
    const content = (read.at(-1)?.output ?? "").replace(/\n\n\[.*\]\s*$/s, "");
    return {
      calls: [{ name: "write_core_file", input: { name: "USER", content: `${content.trimEnd()}\n${fact}\n` } }],
    };
  }
  if (!done("create_file"))
    return { calls: [{ name: "create_file", input: { path: "kept/list.txt", content: kept } }] };
  if (!done("delete_file")) return { calls: [{ name: "delete_file", input: { path: "old.txt" } }] };
  return finalAnswer;
}

/** All that is wrong with what a finished run has left behind, a sentence each. `shown`: what came on stdout and stderr. */
export function faultsOf(home: string, shown: string): string[] {
  const seen = readStore(home);
  return [...storeFaults(seen), ...effectFaults(home, seen), ...shownFaults(shown)];
}

function storeFaults({ integrity, log, inbox, outbox, runs, approvals }: StoreSeen): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  must(integrity === "ok", `the database is damaged: ${integrity}`);

  const asked = log.filter(({ role }) => role === "user");
  must(asked.length === 1 && asked[0]?.text === request, `the message is in the log ${asked.length} times`);
  must(inbox.length === 1, `the message is in the inbox ${inbox.length} times`);
  must(
    inbox.every(({ done }) => done),
    "the message is not dealt with",
  );

  const answers = outbox.filter(({ text }) => text.includes(finalAnswer));
  must(answers.length === 1 && outbox.length === 1, `answers: ${JSON.stringify(outbox)}`);
  must(
    outbox.every(({ sent }) => sent),
    "the answer was never sent",
  );
  must(
    outbox.every(({ answers }) => answers.join() === inbox[0]?.id.toString()),
    "the answer is to something else",
  );
  must(runs.length === 1 && runs[0]?.reason === "answered", `runs: ${JSON.stringify(runs)}`);
  must(
    runs.every(({ openStep }) => openStep === null),
    "a step stayed open",
  );

  must(!approvals.some(({ state }) => state === "open"), "a question stayed open");
  must(
    approvals.filter(({ state }) => state === "yes").length <= (runs[0]?.attempts ?? 0),
    `approvals: ${JSON.stringify(approvals)}`,
  );

  let open: string[] = [];
  for (const { role, calls, result } of log) {
    if (role === "tool") {
      must(result !== undefined && open.includes(result.call), "a result without its call, or a second one");
      open = open.filter((call) => call !== result?.call);
    } else {
      must(open.length === 0, `calls without a result: ${open.join()}`);
      open = [...calls];
    }
  }
  must(open.length === 0, `calls without a result at the end: ${open.join()}`);
  must(log.at(-1)?.role === "assistant" && log.at(-1)?.text === finalAnswer, "the log does not end in the answer");
  must(log.filter(({ text }) => text === finalAnswer).length === 1, "the answer is in the log twice");
  return faults;
}

/** What was done in the world agrees with what the model was told. */
function effectFaults(home: string, { log, approvals }: StoreSeen): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const workspace = join(home, "workspace");
  const text = (path: string) =>
    existsSync(join(workspace, path)) ? readFileSync(join(workspace, path), "utf8") : undefined;
  const outcome = (tool: string): "done" | "unknown" | "not done" => {
    const results = log.filter(({ result }) => result?.tool === tool).map((entry) => entry.text);
    if (results.some((result) => result.startsWith("Interrupted"))) return "unknown";
    return results.some((result) => /^(Added|Saved|Wrote|Deleted)/.test(result)) ? "done" : "not done";
  };

  const folder = existsSync(join(workspace, "memory")) ? readdirSync(join(workspace, "memory")) : [];
  const journals = folder
    .filter((name) => /^\d{4}-\d\d-\d\d\.md$/.test(name))
    .map((name) => text(`memory/${name}`) ?? "");
  const entries = journals.join("").split(entry).length - 1;
  const happened: Record<string, number> = {
    write_memory_file: entries,
    write_core_file: (text("USER.md") ?? "").split(fact).length - 1,
    create_file: text("kept/list.txt") === undefined ? 0 : 1,
    delete_file: text("old.txt") === undefined ? 1 : 0,
  };
  for (const [tool, times] of Object.entries(happened)) {
    const told = outcome(tool);
    const withdrawn = approvals.some((one) => one.tool === tool && one.state === "withdrawn");
    must(told !== "done" || times === 1, `${tool}: the model was told that it is done, and it happened ${times} times`);
    must(told !== "unknown" || times <= 1, `${tool}: happened ${times} times`);
    must(told !== "not done" || (times === 0 && withdrawn), `${tool}: the model was told that it was not done`);
  }
  must([undefined, kept].includes(text("kept/list.txt")), "kept/list.txt is torn");
  must([undefined, "to be deleted"].includes(text("old.txt")), "old.txt is torn");
  must((text("USER.md") ?? "").startsWith("# My owner\n"), "USER.md is torn");
  for (const name of ["AGENT.md", "SOUL.md", "BEHAVIOR.md", "MEMORY.md"])
    must((text(name) ?? "").length > 20, `${name} is torn`);
  if (outcome("delete_file") === "done")
    must(
      approvals.some(({ tool, state }) => tool === "delete_file" && state === "yes"),
      "deleted without a yes",
    );
  return faults;
}

function shownFaults(shown: string): string[] {
  const times = shown.split(finalAnswer).length - 1;
  // Killed between showing it and noting that, it is shown again: a terminal has no way to take back.
  return times === 1 || times === 2 ? [] : [`the answer was shown ${times} times`];
}
