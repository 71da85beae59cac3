/** The folders of an installation that a backup holds, and the file of its secrets. */
export const archiveRoots = ["data", "agents", "workspace"] as const;
export const secretsEntry = ".env";

/**
 * True for a path that leads to a place inside of an installation, on every system: relative, forward slashes, without
 * `..`, and below one of the folders that belong there.
 */
export function isArchivePath(path: string): boolean {
  if (path === secretsEntry) return true;
  if (Buffer.byteLength(path) > 4_096 || path.includes("\0") || path.includes("\\")) return false;
  const [root = "", ...names] = path.split("/");
  if (!(archiveRoots as readonly string[]).includes(root) || names.length === 0) return false;
  return names.every((name) => name !== "" && name !== "." && name !== "..");
}
