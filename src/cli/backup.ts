import { version } from "../app.ts";
import { type BackupReport, makeBackup, refuseExisting } from "../backup/backup.ts";
import { ConfigError } from "../errors.ts";
import { createByteProgress, sizeText } from "./byte-progress.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { choosePassphrase } from "./passphrase.ts";
import { endSignal } from "./terminal.ts";

const help = `Save everything into one file that only your passphrase opens: config, secrets, conversations, memory, files,
agents, Matrix keys, and the private homeserver where Memtrix runs one itself. Memtrix may run meanwhile.

Usage: memtrix backup FILE [OPTIONS]

      --passphrase-env VARIABLE   where the passphrase stands; without it, it is asked
      --force                     replace FILE

memtrix restore FILE puts it back, here or elsewhere.`;

const options = {
  "passphrase-env": { type: "string" },
  force: { type: "boolean" },
  ...helpFlag,
} as const;

/** `memtrix backup`. */
export async function backup(argv: string[], { home }: { home: string }): Promise<number> {
  const { values, positionals } = parseFlags("backup", argv, options, { words: true });
  const [file, ...others] = positionals;
  if (values.help || file === undefined || others.length > 0) {
    console[values.help ? "log" : "error"](help);
    return values.help ? 0 : 2;
  }
  if (!values.force) await refuseExisting(file);
  const passphrase = await choosePassphrase(values["passphrase-env"]);
  const ending = new AbortController();
  void endSignal().then(() => ending.abort(new ConfigError("You left; nothing was saved.")));
  using progress = createByteProgress();
  const report = await makeBackup({
    ...{ home, file, passphrase, program: version(), now: new Date(), force: values.force ?? false },
    onProgress: ({ doing, bytes }) => progress.show(doing === "saving" ? "Saving" : "Checking", bytes),
    signal: ending.signal,
  });
  progress[Symbol.dispose]();
  console.log(told(file, report));
  return 0;
}

const homeserverElsewhere =
  "Nor is the homeserver with its accounts and rooms: Memtrix does not run it itself. That of docker-compose.yml keeps them in the Docker volume memtrix_conduit.";

function told(file: string, { bytes, parts, leftOut }: BackupReport): string {
  const rows = [...parts].map(([part, { files, bytes }]) => {
    const count = `${files} ${files === 1 ? "file" : "files"}`;
    return `  ${part.padEnd(24)}${count.padStart(12)}${sizeText(bytes).padStart(12)}`;
  });
  const not = leftOut.map((sentence) => `  ${sentence}`);
  return [
    `Saved to ${file} (${sizeText(bytes)}), and read back to its end:`,
    ...rows,
    ...(not.length > 0 ? ["Not saved:", ...not] : []),
    "Not in it: logs, the embedding model, and the index by meaning, which is made anew.",
    ...(parts.has("Matrix keys") && !parts.has("homeserver") ? [homeserverElsewhere] : []),
    "The passphrase is kept nowhere: without it nobody opens this file, you neither.",
  ].join("\n");
}
