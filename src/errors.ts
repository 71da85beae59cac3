/** Thrown for anything the owner can put right. The message is one sentence that says how. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
