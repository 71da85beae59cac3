/** What shows that a fault of the matrix ends as it should. */
export type Proof =
  /** A test of CI: its file, and a part of its name as it stands there. */
  | { test: string; named: string }
  /** Too long for CI: what `npm run faults` starts, with its arguments. */
  | { script: string; given?: readonly string[] }
  /** Why it is not shown, or only in part. */
  | { notShown: string };

const model = "test/integration/model-faults.test.ts";
const index = "test/memory/index-faults.test.ts";
const disk = "test/e2e/full-disk.test.ts";
const refused = "test/e2e/refused-by-the-system.test.ts";
const interrupted = "test/e2e/interrupted.test.ts";
const connection = "test/integration/matrix-connection.test.ts";
const fetching = "test/channel/matrix/patient-fetch.test.ts";
const delivery = "test/channel/matrix/delivery.test.ts";
const chroma = "test/memory/chroma.test.ts";
const embedder = "test/memory/embedder.test.ts";
const egress = "test/egress/egress.test.ts";
const secrets = "test/config/secrets.test.ts";
const closedLog = "test/e2e/closed-log.test.ts";
const sides = "test/integration/matrix-side-messages.test.ts";
const health = "test/cli/health.test.ts";

/** By the id of a row. */
export const faults: Record<string, readonly Proof[]> = {
  F01: [
    { test: model, named: "F01: asked to wait, it waits as told and gets the answer" },
    { test: model, named: "F01: after five tries it says so once, and never waits longer than the cap" },
  ],
  F02: [
    { test: model, named: "F02: a limit that waiting does not lift is told at once" },
    { test: model, named: "F02: a spent account is told as such" },
  ],
  F03: [{ test: model, named: "F03: a server in trouble" }],
  F04: [{ test: model, named: "F04: a refusal (%i) is not tried again, and the key stays secret" }],
  F05: [
    { test: model, named: "F05: a server that is away is tried five times; when it comes back the answer comes" },
    { test: model, named: "F05: a host that no one knows is unreachable" },
  ],
  F06: [
    { test: model, named: "F06: no headers" },
    { test: "test/agent/ask-model.test.ts", named: "says that a model is being loaded, once" },
  ],
  F07: [{ test: model, named: "F07: the stream stops and the socket stays open" }],
  F08: [{ test: model, named: "F08: only pings come" }],
  F09: [
    { test: model, named: "F09: wherever the stream ends too early, no half answer is taken for a whole one" },
    { test: model, named: "F09: a call that was cut off is not made" },
  ],
  F10: [{ test: model, named: "F10: errors in its words count like the same HTTP error" }],
  F11: [
    { test: model, named: "F11: bytes that come in any slices give the same answer" },
    { test: model, named: "F11: what is corrupt on the way is never part of an answer (1,000 times over all wires)" },
  ],
  F12: [{ test: model, named: "F12: a reset in the middle" }],
  F13: [
    { test: model, named: "F13: broken JSON in a call is told to the model, and the history stays sound" },
    { test: model, named: "F13: a call of a tool that does not exist is handed on as it is" },
    { test: "test/orchestrator.test.ts", named: "explains itself when the same call came three times" },
  ],
  F14: [
    { test: model, named: "F14: nothing said is tried once more, then told" },
    { test: model, named: "F14: an answer cut off at the most tokens is handed on" },
    { test: model, named: "F14: a refusal is handed on as one" },
  ],
  F15: [
    { test: model, named: "F15: a conversation that is too long is told as such, in every wording" },
    { test: "test/agent/compaction.test.ts", named: "does the same when the server finds the request too long" },
  ],
  F16: [
    { test: "test/e2e/killed-at-a-write.test.ts", named: "loses nothing, doubles nothing and tears nothing" },
    { test: "test/e2e/matrix-kill.test.ts", named: "every message is answered once, in order and encrypted" },
    { script: "test/e2e/kill-at-every-write.ts" },
    { script: "test/e2e/kill-at-every-write.ts", given: ["--below", "--every", "10"] },
    { script: "test/e2e/matrix-kill.ts", given: ["--messages", "200", "--kills", "40"] },
  ],
  F18: [
    { test: "test/e2e/matrix-killed-at-a-step.test.ts", named: "is killed at any step of a message's way" },
    { test: "test/integration/matrix-delivery.test.ts", named: "is killed between sending and marking" },
  ],
  F19: [
    { test: "test/orchestrator.test.ts", named: "a call that had begun is not repeated by code" },
    { test: "test/orchestrator.test.ts", named: "a call that may be repeated is made again" },
  ],
  F20: [
    { test: "test/e2e/power-loss.test.ts", named: "a machine that loses its power at any write" },
    { script: "test/faults/power-loss.ts" },
  ],
  F21: [
    { test: disk, named: "under the data: says so in one sentence at the start" },
    { test: disk, named: "under the data, while the model answers: says so once" },
    { test: disk, named: "under the data, at whatever moment: nothing that was kept is lost" },
    { test: disk, named: "under the workspace: the tool says so to the model, and the old file stays whole" },
    { test: "test/e2e/matrix-full-disk.test.ts", named: "its owner hears of it once, and gets the answer" },
    { test: index, named: "leaves a memory that goes on when there is room again" },
    { test: "test/channel/matrix/crypto-store.test.ts", named: "tells nobody that a transaction is complete" },
  ],
  F22: [{ test: refused, named: "on the size of files (%i bytes) is told, and nothing is torn" }],
  F23: [
    { test: refused, named: "on open files (%i) is told, and ends nothing by itself" },
    { test: refused, named: "on open files of 64 is no limit" },
  ],
  F24: [
    { test: "test/e2e/failing-disk.test.ts", named: "at flush %i and after: is said in a sentence" },
    { test: "test/e2e/failing-disk.test.ts", named: "while only files fail" },
    { script: "test/faults/failing-reads.ts" },
  ],
  F25: [
    { test: refused, named: "under all or the data is said at the start, in one sentence" },
    { test: refused, named: "under the workspace alone: the tool says so, and all else goes on" },
  ],
  F26: [{ test: refused, named: "%s: only what needs it fails" }],
  F27: [
    { test: "test/store/cut-off.test.ts", named: "what was written last may be cut off anywhere" },
    { test: "test/audit.test.ts", named: "a line that was cut off stays alone: the next one is whole" },
    {
      notShown:
        "the log of messages is no JSONL but SQLite: it has no side file, since nothing half written is ever seen",
    },
  ],
  F28: [
    { test: "test/store/cut-off.test.ts", named: "a file that is cut off, or has other bytes in it" },
    { test: "test/memory/journal.test.ts", named: "anywhere, a thousand times, is read as far as it goes" },
    { test: "test/memory/search.test.ts", named: "stops no search when something in the folder is no journal" },
    { test: "test/channel/cli/history.test.ts", named: "what cannot be read is left out" },
    { notShown: "bad lines of a journal are indexed as text or left out, and are not counted" },
  ],
  F33: [{ test: health, named: "is not well when the disk is slow" }, { script: "test/faults/slow-disk.ts" }],
  F35: [
    { script: "test/faults/away.ts", given: ["--what", "program", "--minutes", "10"] },
    { notShown: "a machine that really sleeps: there the clock of the timers stands still as well, here it goes on" },
  ],
  F36: [
    { test: "test/time.test.ts", named: "counts days over months, years and changes of the clock" },
    { test: "test/spending.test.ts", named: "begin anew at the owner's midnight, also on the day of 25 hours" },
    { test: "test/store/usage.test.ts", named: "counts the day of 25 hours and the one of 23 as one day each" },
    { test: index, named: "a day back and forth loses nothing that is said meanwhile" },
    { notShown: "schedules: there are none" },
  ],
  F37: [
    { test: connection, named: "waits for a homeserver that is away, and says so" },
    { test: closedLog, named: "waits for its homeserver, and is not healthy meanwhile" },
  ],
  F38: [
    { test: "test/integration/matrix-delivery.test.ts", named: "goes out when the homeserver is back" },
    { script: "test/faults/away.ts", given: ["--what", "homeserver", "--minutes", "60"] },
  ],
  F39: [
    { test: connection, named: "begins a sync again that has gone silent" },
    { test: fetching, named: "a request that is never answered ends as a connection that failed" },
    { test: fetching, named: "a sync and a file may take longer" },
  ],
  F40: [{ test: fetching, named: "an answer that comes a byte at a time without end has an end all the same" }],
  F42: [
    { test: delivery, named: "keeps every answer in its order, and of the notices of a room the newest" },
    { test: delivery, named: "M31: repeats under the same transaction as late as it is told" },
    { test: "test/integration/matrix-manners.test.ts", named: "loses nothing of much that must leave at once" },
  ],
  F44: [
    { test: chroma, named: "that is killed in the middle of it loses nothing that it has acknowledged" },
    { test: chroma, named: "does not hold up whoever asks, and is given up at once when all is closed" },
    { test: chroma, named: "may be another program at its address" },
    { test: index, named: "do not answer in time are not waited for" },
    { test: index, named: "gets the rest when it is back; nothing is embedded twice, and searches go on" },
  ],
  F45: [
    { test: chroma, named: "whose data are damaged is begun anew, and can be filled again" },
    { test: chroma, named: "whose folder is deleted is empty, says so, and can be filled again" },
    { test: index, named: "are damaged embeds them again, and searches meanwhile" },
  ],
  F46: [
    { test: embedder, named: "that was changed since its first use is not used, and the state says which file" },
    { test: embedder, named: "has another identity for another model, another content, another manner" },
    { test: "test/memory/vector-index.test.ts", named: "of another length are refused, and so is a collection" },
    { test: index, named: "are of another model stay until those of the new one are whole" },
  ],
  F48: [
    { test: egress, named: "is left when its headers come a byte at a time" },
    { test: egress, named: "is left when its body has no end" },
    { test: egress, named: "is left when its body comes a byte at a time without end" },
    { test: egress, named: "is left when its connection is not accepted in time" },
    { test: "test/egress/connector.test.ts", named: "leaves time for the others when the first says nothing" },
    { test: egress, named: "the certificate counts for the name, not for the address" },
  ],
  F49: [
    { test: "test/egress/hanging-git.test.ts", named: "a git that hangs, forks and ignores signals is ended" },
    { test: "test/egress/clone.test.ts", named: "gives up where a password is wanted" },
    { test: "test/egress/clone.test.ts", named: "ends with all its processes when time is up, and leaves nothing" },
  ],
  F51: [
    { test: interrupted, named: "exits with 1 on a fault (%s) that nothing catches, logs it, and finishes the run" },
    { test: interrupted, named: "gives up a message that has ended the program three times, and says so" },
    { script: "test/faults/throw-at-every-write.ts" },
    {
      notShown:
        "five restarts are what docker-compose.yml asks of Docker (restart: on-failure:5); Memtrix has no supervisor",
    },
  ],
  F52: [
    { test: interrupted, named: "goes on at the next start where the memory ran out" },
    { test: egress, named: "process.memoryUsage.rss() - before" },
    { test: "test/reader/reader.test.ts", named: "gives up a page that takes too much memory, and reads the next" },
    { notShown: "the limit of a container: Docker's own, set in docker-compose.yml" },
  ],
  F54: [
    { test: "test/event-loop-lag.test.ts", named: "by work is noted, with how long and that it was work" },
    { test: health, named: "tells how long the event loop was held up" },
    { test: sides, named: "and the event loop is held for 5 s, each message is answered once" },
  ],
  F55: [{ test: "test/egress/hanging-git.test.ts", named: "a git that the system will not start is told of" }],
  F56: [{ test: "test/sandbox/folder.test.ts", named: "refuses four FIFOs at once, and other files stay readable" }],
  F58: [
    { test: secrets, named: "that others can read is used with a warning" },
    { test: secrets, named: "may stand in a file of another name, which must then be there" },
    { test: secrets, named: "that lead nowhere are all named at once" },
  ],
  F59: [
    { test: "test/store/database.test.ts", named: "gets the steps that it lacks, and a copy of it as it was is kept" },
    { test: "test/store/database.test.ts", named: "can be gone back to by the copy that the refusal names" },
    { test: "test/e2e/owner.test.ts", named: "data of another version" },
  ],
  F60: [
    { test: "test/backup/backup.test.ts", named: "takes each database as it is between two transactions" },
    { test: "test/backup/backup.test.ts", named: "puts back every file with its content, its mode and its time" },
    { test: "test/e2e/backup-matrix.test.ts", named: "saved in the middle of an encrypted conversation that goes on" },
  ],
  F61: [
    { test: closedLog, named: "a log %s is no reason not to answer" },
    { test: closedLog, named: "a log file on a full disk is no reason not to answer" },
    { test: closedLog, named: "an agent in Matrix whose log nobody reads goes on" },
    { test: interrupted, named: "keeps the answer for the next start when the reader has gone" },
  ],
  F63: [
    { test: "test/e2e/agents-killed.test.ts", named: "has done all of it or nothing after the next start" },
    { test: "test/integration/agents-and-accounts.test.ts", named: "is closed when the program was killed at step %i" },
    { test: "test/store/agent-rows.test.ts", named: "is gone from the file to the last byte" },
    { test: "test/e2e/agents-in-matrix.test.ts", named: "nothing that was its own is left in any file" },
    { script: "test/e2e/kill-agents-at-every-write.ts" },
  ],
  F64: [
    { test: model, named: "F64: an error inside a 200" },
    { test: model, named: "F64: a 200 with nothing in it that could be an answer" },
  ],
  F65: [
    { test: delivery, named: "an answer does not wait for a notice that always fails" },
    { test: sides, named: "where typing, receipts and reactions fail" },
    { test: "test/orchestrator.test.ts", named: "is answered once, whatever the channel makes of the events" },
  ],
};
