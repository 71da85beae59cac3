import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { silent } from "../log.ts";
import { connectChroma, reasonOfAbsence } from "../memory/chroma-client.ts";
import { startChroma } from "../memory/chroma-process.ts";
import { checkOf, type Finding, fault, ok, unseen } from "./check.ts";

/** What vectors are kept in: the owner's Chroma server, one of our own, or exact search where that does not run. */
export const chromaCheck = checkOf(
  "Chroma",
  async ({ memory }, { paths, isRunning }, signal) => {
    if (memory.model === null) return [ok("not needed: memories are searched by keyword")];
    if (memory.chroma_url !== null) return [await atAddress(memory.chroma_url)];
    if (isRunning) return [unseen("Memtrix holds its own: /status in a conversation says how that is")];
    return [await own(join(paths.data, "chroma"), signal)];
  },
  30_000,
);

async function atAddress(url: string): Promise<Finding> {
  const { host } = new URL(url);
  await using connection = connectChroma(url);
  try {
    await (await connection.client()).heartbeat();
    return ok(`answers at ${host}`);
  } catch (error) {
    return fault(
      `the server at ${host} ${reasonOfAbsence(error) ?? `fails (${messageOf(error)})`}`,
      "start it, or set memory.chroma_url to null to do without one; until then memories are searched by keyword",
    );
  }
}

/** Over the data that there are; without any, over a folder of its own. */
async function own(directory: string, signal: AbortSignal): Promise<Finding> {
  const temporary = existsSync(directory) ? undefined : await mkdtemp(join(tmpdir(), "memtrix-doctor-"));
  try {
    const server = await startChroma({
      directory: temporary ? join(temporary, "chroma") : directory,
      log: silent,
      signal,
    });
    await server.stop();
    return ok("its own server starts here");
  } catch (error) {
    return ok(`exact search in its place: ${messageOf(error)}`);
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}
