import { type Approvals, createApprovals } from "./approvals.ts";
import { openDatabase } from "./database.ts";
import { createFileOrigins, type FileOrigins } from "./file-origins.ts";
import { createHeard, type Heard } from "./heard.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createJournalIndex, type JournalIndex } from "./journal-index.ts";
import { createLog, type Log } from "./log.ts";
import { createLogSearch, type LogSearch } from "./log-search.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createQuestions, type Questions } from "./questions.ts";
import { createRemoval, type Removal } from "./removal.ts";
import { createRooms, type Rooms } from "./rooms.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSettings, type Settings } from "./settings.ts";
import { createSummaries, type Summaries } from "./summaries.ts";
import { createTransactions } from "./transactions.ts";
import { createUsage, type Usage } from "./usage.ts";

/** The one SQLite file, `memtrix.db`: each member is a table of it. Every method is synchronous and on the disk when it returns. */
export interface Store extends Disposable {
  inbox: Inbox;
  outbox: Outbox;
  rooms: Rooms;
  questions: Questions;
  removal: Removal;
  log: Log;
  sessions: Sessions;
  summaries: Summaries;
  runs: Runs;
  approvals: Approvals;
  usage: Usage;
  settings: Settings;
  fileOrigins(agent: string): FileOrigins;
  journalIndex(agent: string): JournalIndex;
  logSearch(agent: string): LogSearch;
  heard(agent: string): Heard;
  /**
   * Runs `work` in one transaction: all of it is stored, or nothing. Within another one it is a part of that: what a
   * failed part wrote is taken back alone.
   */
  transaction<T>(work: () => T): T;
}

/** @throws ConfigError when the file is of a newer version, or damaged. */
export function openStore(directory: string, now: () => Date = () => new Date()): Store {
  const database = openDatabase(directory);
  const transactions = createTransactions(database);
  return {
    inbox: createInbox(database, now),
    outbox: createOutbox(database, transactions, now),
    rooms: createRooms(database),
    questions: createQuestions(database),
    removal: createRemoval(database, transactions, now),
    log: createLog(database, transactions),
    sessions: createSessions(database, now),
    summaries: createSummaries(database, transactions, now),
    runs: createRuns(database, now),
    approvals: createApprovals(database, now),
    usage: createUsage(database, now),
    settings: createSettings(database),
    fileOrigins: (agent) => createFileOrigins(database, agent),
    journalIndex: (agent) => createJournalIndex(database, transactions, agent),
    logSearch: (agent) => createLogSearch(database, agent),
    heard: (agent) => createHeard(database, agent),
    transaction: transactions.run,
    [Symbol.dispose]: () => database.close(),
  };
}
