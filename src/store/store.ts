import { type AgentChanges, createAgentChanges } from "./agent-changes.ts";
import { type AgentRows, createAgentRows } from "./agent-rows.ts";
import { type Approvals, createApprovals } from "./approvals.ts";
import { type ChunkVectors, createChunkVectors } from "./chunk-vectors.ts";
import { type Chunks, createChunks } from "./chunks.ts";
import { openDatabase } from "./database.ts";
import { createFileOrigins, type FileOrigins } from "./file-origins.ts";
import { createHeard, type Heard } from "./heard.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createJournalStamps, type JournalStamps } from "./journal-stamps.ts";
import { createLog, type Log } from "./log.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createQuestions, type Questions } from "./questions.ts";
import { createRemoval, type Removal } from "./removal.ts";
import { createRooms, type Rooms } from "./rooms.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createSaid, type Said } from "./said.ts";
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
  agentChanges: AgentChanges;
  agentRows: AgentRows;
  fileOrigins(agent: string): FileOrigins;
  /** What one agent's memory is made of and searched by. */
  memory(agent: string): MemoryTables;
  heard(agent: string): Heard;
  /**
   * Runs `work` in one transaction: all of it is stored, or nothing. Within another one it is a part of that: what a
   * failed part wrote is taken back alone.
   */
  transaction<T>(work: () => T): T;
}

export interface MemoryTables {
  said: Said;
  stamps: JournalStamps;
  chunks: Chunks;
  vectors: ChunkVectors;
  /** As that of the store, but it does not wait for the disk: what is indexed can be made anew. */
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
    agentChanges: createAgentChanges(database, transactions, now),
    agentRows: createAgentRows(database, transactions),
    fileOrigins: (agent) => createFileOrigins(database, agent),
    memory(agent) {
      const chunks = createChunks(database, transactions, agent);
      const vectors = createChunkVectors(database, transactions, chunks.memory);
      const [said, stamps] = [createSaid(database, agent), createJournalStamps(database, agent)];
      return { said, stamps, chunks, vectors, transaction: transactions.runUnhurried };
    },
    heard: (agent) => createHeard(database, agent),
    transaction: transactions.run,
    [Symbol.dispose]: () => database.close(),
  };
}
