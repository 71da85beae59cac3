/** As AGENT.md tells the model: in such a block speaks the program, not the person. */
export function programSays(text: string): string {
  return `<context>\nThis is the program, not your owner. ${text}\n</context>`;
}
