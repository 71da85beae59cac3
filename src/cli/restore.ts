import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { version } from "../app.ts";
import { openBackupFile } from "../backup/backup-file.ts";
import { refuseFull, restore as restoreInto } from "../backup/restore.ts";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";
import { prepareRestoredDatabase } from "../store/restored.ts";
import { createByteProgress, sizeText } from "./byte-progress.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { askPassphrase } from "./passphrase.ts";
import { endSignal } from "./terminal.ts";

const help = `Put back what memtrix backup has saved, where nothing is set up yet. Your agent goes on in the same rooms with
the same memory. The one that was saved must never run again: both would read and answer the same messages.

Usage: memtrix restore FILE [OPTIONS]

      --passphrase-env VARIABLE   where the passphrase stands; without it, it is asked`;

const options = {
  "passphrase-env": { type: "string" },
  ...helpFlag,
} as const;

/** `memtrix restore`. */
export async function restore(argv: string[], { home }: { home: string }): Promise<number> {
  const { values, positionals } = parseFlags("restore", argv, options, { words: true });
  const [file, ...others] = positionals;
  if (values.help || file === undefined || others.length > 0) {
    console[values.help ? "log" : "error"](help);
    return values.help ? 0 : 2;
  }
  if (!existsSync(file)) throw new ConfigError(`There is no file ${file}.`);
  await refuseFull(home);
  const backup = await openBackupFile(file, version());
  const passphrase = await askPassphrase(values["passphrase-env"]);
  const ending = new AbortController();
  void endSignal().then(() => ending.abort(new ConfigError("You left; nothing was restored.")));
  using progress = createByteProgress(statSync(file).size);
  const { files, bytes } = await restoreInto({
    ...{ home, backup, passphrase, signal: ending.signal },
    prepare: (data) => prepare(data, new Date(backup.header.at)),
    onProgress: (done) => progress.show("Restoring", done),
  });
  progress[Symbol.dispose]();
  console.log(
    `Restored ${files} files (${sizeText(bytes)}), each checked, from the backup of ${dayOf(backup.header.at)}.`,
  );
  await installHomeserver(home);
  console.log(whatNext(home));
  return 0;
}

async function prepare(data: string, savedAt: Date): Promise<void> {
  prepareRestoredDatabase(data);
  const devices = join(data, "matrix");
  if (!existsSync(devices)) return;
  const { markRestored } = await import("../channel/matrix/restored-device.ts");
  markRestored(devices, savedAt);
}

/** A private homeserver's own program is in no backup. */
async function installHomeserver(home: string): Promise<void> {
  const directory = join(homePaths(home).data, "homeserver");
  if (!existsSync(join(directory, "private.json"))) return;
  const { installPrivateSynapse } = await import("../homeserver/private-synapse.ts");
  try {
    await installPrivateSynapse({ directory, onProgress: (sentence) => console.error(sentence) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`${error.message}\nAll else is restored; the next start tries the homeserver again.`);
  }
}

function whatNext(home: string): string {
  const lines = [
    "Begin with: npm start",
    "Never start the one that was saved again: both would answer the same messages.",
  ];
  if (existsSync(join(homePaths(home).data, "homeserver", "private.json")))
    lines.push(
      "The homeserver is as it was in the backup: if you wrote to it later, clear your app's cache (in Element: Settings, Help & About, Clear cache and reload). It keeps your keys.",
    );
  if (process.env.MEMTRIX_SECRETS_FILE)
    lines.push(`The secrets are in ${join(home, ".env")}: put them where MEMTRIX_SECRETS_FILE says.`);
  return lines.join("\n");
}

function dayOf(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}
