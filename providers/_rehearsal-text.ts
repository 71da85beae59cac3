export function oneLine(words: string): string {
  return words.replaceAll(/\s+/g, " ").trim();
}

export function withComma(name: string | undefined): string {
  return name ? `, ${name}` : "";
}

export function asItem(example: string): string {
  return `- ${example}`;
}

export function quoted(text: string): string {
  return text.trim().replaceAll(/^/gm, "> ");
}

/** As it stands, whatever is in it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
}

/** The lines of a file out of what `read_file` says of them: each begins with its number. */
export function withoutNumbers(lines: string): string {
  return lines.replaceAll(/^\d+\t/gm, "");
}
