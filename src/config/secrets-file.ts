/** The lines of a `.env` file that hold secrets: `MEMTRIX_SECRET_NAME=value`. Other lines are kept and not looked at. */
const line = /^\s*(?:export\s+)?MEMTRIX_SECRET_([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;

export const secretPrefix = "MEMTRIX_SECRET_";

/** The secrets of a file's text by name; the last line of a name counts. Values may be quoted. Throws on an open quote. */
export function parseSecrets(text: string): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const [index, row] of splitLines(text).entries()) {
    const [, name, rest] = line.exec(row) ?? [];
    if (name === undefined || rest === undefined) continue;
    const value = unquote(rest.trim());
    if (value === undefined)
      throw new Error(`line ${index + 1}: the quote after ${secretPrefix}${name}= is not closed`);
    secrets.set(name, value);
  }
  return secrets;
}

/** The text with these secrets in it: lines of the same name are replaced, all others stay as they are. */
export function mergeSecrets(text: string, secrets: Readonly<Record<string, string>>): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const open = new Map(Object.entries(secrets));
  const rows = splitLines(text).flatMap((row) => {
    const name = line.exec(row)?.[1];
    if (name === undefined || secrets[name] === undefined) return [row];
    return open.delete(name) ? [assignment(name, secrets[name])] : [];
  });
  if (rows.at(-1) === "") rows.pop();
  for (const [name, value] of open) rows.push(assignment(name, value));
  return rows.map((row) => row + end).join("");
}

/** The text without these secrets; all other lines stay as they are. */
export function withoutSecrets(text: string, names: readonly string[]): string {
  const kept = text.split(/(?<=\n)/).filter((row) => !names.includes(line.exec(row.trimEnd())?.[1] ?? ""));
  return kept.join("");
}

function splitLines(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/);
}

function unquote(text: string): string | undefined {
  if (text.startsWith('"')) {
    const [, inner] = /^"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
    return inner
      ?.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "r" ? "\r" : letter))
      .trim();
  }
  if (text.startsWith("'")) return /^'([^']*)'/.exec(text)?.[1]?.trim();
  return text.replace(/(^|\s+)#.*$/, "");
}

function assignment(name: string, value: string): string {
  return `${secretPrefix}${name}=${quote(value)}`;
}

function quote(value: string): string {
  if (/^[\w.:/+=@%,~-]+$/.test(value)) return value;
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;
}
