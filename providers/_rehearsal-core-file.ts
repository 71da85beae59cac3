/** The file itself, out of what `read_core_file` says: its size comes first, and "(empty)" stands for nothing. */
export function coreFile(result: string): string {
  const content = result.replace(/^\[.*\]\n/, "");
  return content === "(empty)" ? "" : content;
}

/** The owner's name, as the rules write it into USER.md. */
export function nameIn(user: string): string | undefined {
  return /^- Name: (.+)$/m.exec(user)?.[1]?.trim();
}

/** The file with that name in it, in place of an earlier one. Nothing else changes. */
export function withName(file: string, name: string): string {
  if (nameIn(file)) return file.replace(/^- Name: .+$/m, () => `- Name: ${name}`);
  return withLine(file, "## About", `- Name: ${name}`);
}

/** The file with one more line at the end of a section; a section that is missing is added. Nothing else changes. */
export function withLine(file: string, section: string, line: string): string {
  const lines = file.trimEnd().split("\n");
  const start = lines.findIndex((text) => text.trim() === section);
  if (start === -1) return `${file.trimEnd()}\n\n${section}\n\n${line}\n`.trimStart();
  const next = lines.findIndex((text, index) => index > start && text.startsWith("#"));
  const before = lines.slice(0, next === -1 ? undefined : next);
  while (before.at(-1)?.trim() === "") before.pop();
  const gap = before.length === start + 1 ? [""] : [];
  const after = next === -1 ? [] : ["", ...lines.slice(next)];
  return `${[...before, ...gap, line, ...after].join("\n")}\n`;
}
