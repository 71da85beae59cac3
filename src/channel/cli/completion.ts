export interface CommandSummary {
  /** Without the slash. */
  name: string;
  summary: string;
}

/** The commands that `text` can become, while it is nothing but the beginning of one. */
export function completions(text: string, commands: readonly CommandSummary[]): CommandSummary[] {
  if (!/^\/\S*$/.test(text)) return [];
  const begun = text.slice(1).toLowerCase();
  return commands.filter(({ name }) => name.startsWith(begun)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
