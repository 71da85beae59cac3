import { invisible, quoted } from "./visible.ts";

const maxNameBytes = 255;
const maxLevels = 32;
const maxAgentIdCharacters = 64;

const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])$/;
const gitName = /^(\.git|git~[0-9]+)$/;
const urlStart = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Ids stand in paths, in account names and as keys of objects. `core` and `memory` are parts of the main agent. */
const reservedAgentIds = new Set(["main", "core", "memory", "constructor", "prototype"]);

/**
 * The names that a relative path goes through, outermost first; none for the root itself (`""`, `.`). Empty parts and
 * `.` are dropped; nothing is expanded or decoded. Throws one sentence for a path that no system should be handed.
 */
export function pathParts(path: string): string[] {
  if (urlStart.test(path)) throw new Error(`${quoted(path)} is an address, not the path of a file.`);
  if (path.startsWith("/")) {
    throw new Error(`${quoted(path)} is absolute: write the path as seen from the workspace, without the first slash.`);
  }
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length > maxLevels) throw new Error(`The path has more than ${maxLevels} levels.`);
  for (const part of parts) {
    const problem = nameProblem(part);
    if (problem) throw new Error(`The path cannot be used: ${problem}`);
  }
  return parts;
}

/** Why some system would misread this as the name of a file or folder, in one sentence; undefined for a good name. */
export function nameProblem(name: string): string | undefined {
  if (Buffer.byteLength(name) > maxNameBytes) return `${quoted(name, 40)} is longer than ${maxNameBytes} bytes.`;
  if (name.includes(":")) return `${quoted(name)} has a colon in it.`;
  // What looks like a letter may be one after normalisation: `．．` is `..` then.
  return formProblem(name, name) ?? formProblem(name.normalize("NFKC"), name);
}

function formProblem(form: string, name: string): string | undefined {
  if (form === "") return "a name cannot be empty.";
  if (form === "..") return `${quoted(name)} leads out of its folder.`;
  if (invisible.test(form)) return `${quoted(name)} has an invisible character in it.`;
  if (/[/\\]/.test(form)) return `${quoted(name)} has a slash or backslash in it.`;
  if (/[. ]$/.test(form)) return `${quoted(name)} ends in a dot or a space.`;
  if (isDeviceName(form)) return `${quoted(name)} is the name of a device on Windows.`;
  return undefined;
}

/** Why this is not a name for something from the network, in one sentence; undefined for a good one. */
export function downloadNameProblem(name: string): string | undefined {
  if (/^[.-]/.test(name.normalize("NFKC"))) return `${quoted(name)} begins with a dot or a dash.`;
  return nameProblem(name);
}

/** Why this cannot be the id of a new agent, in one sentence; undefined for a good one. */
export function agentIdProblem(id: string): string | undefined {
  if (!/^[a-z][a-z0-9_-]*$/.test(id)) {
    return `${quoted(id)} is not an id: use a–z, 0–9, - and _, beginning with a letter.`;
  }
  if (id.length > maxAgentIdCharacters) return `An id has at most ${maxAgentIdCharacters} characters.`;
  if (reservedAgentIds.has(id)) return `${quoted(id)} is taken by the system.`;
  if (isDeviceName(id)) return `${quoted(id)} is the name of a device on Windows.`;
  return undefined;
}

/** True for `.git` in any of the ways in which some file system takes a name for it. */
export function isGitName(name: string): boolean {
  return gitName.test(folded(name).replace(/[. ]+$/, ""));
}

/** One spelling for all names that some file system takes for the same: no case, no compatibility forms. */
export function folded(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

function isDeviceName(name: string): boolean {
  const base = name.split(".", 1)[0] ?? "";
  return deviceName.test(folded(base.trimEnd()));
}
