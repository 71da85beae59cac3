import { randomBytes } from "node:crypto";
import { codeOf } from "./refusal.ts";

/** When this process began: after a restart in a container the process number is the same again. */
const startedAt = Math.round(performance.timeOrigin);
const pattern = /^\.memtrix-(\d+)-(\d+)-[0-9a-f]{12}\.tmp$/;

/** A name for a file that is written here and then renamed. It says who writes it. */
export function temporaryName(): string {
  return `.memtrix-${process.pid}-${startedAt}-${randomBytes(6).toString("hex")}.tmp`;
}

export function isTemporary(name: string): boolean {
  return pattern.test(name);
}

/** True for a temporary file whose writer is no more. */
export function isAbandoned(name: string): boolean {
  const [, writer, begun] = pattern.exec(name) ?? [];
  if (writer === undefined) return false;
  if (Number(writer) === process.pid) return Number(begun) !== startedAt;
  try {
    process.kill(Number(writer), 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}
