import { randomBytes } from "node:crypto";
import type { Settings } from "./settings.ts";

/** Tells this installation from all others, wherever it is moved to: made up once, and kept with what it remembers. */
export function installationOf(settings: Pick<Settings, "get" | "set">): string {
  const known = settings.get("", "installation");
  if (known !== undefined) return known;
  const made = randomBytes(6).toString("hex");
  settings.set("", "installation", made);
  return made;
}
