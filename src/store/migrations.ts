/** The statements that lead from one version of the database to the next; version N has the first N applied. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent TEXT NOT NULL,
    conversation TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    view_from INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX session_of_conversation ON session (agent, conversation, id);

  CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES session (id),
    run INTEGER,
    at INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
    sender TEXT NOT NULL,
    origin TEXT NOT NULL,
    text TEXT NOT NULL,
    content TEXT
  );
  CREATE INDEX log_of_session ON log (session, id);
  CREATE INDEX log_by_time ON log (at);

  CREATE VIRTUAL TABLE log_text USING fts5 (
    text, content = 'log', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
  );
  CREATE TRIGGER log_indexed AFTER INSERT ON log BEGIN
    INSERT INTO log_text (rowid, text) VALUES (new.id, new.text);
  END;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES session (id),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL,
    open_step TEXT
  );

  CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    agent TEXT NOT NULL,
    event TEXT NOT NULL,
    conversation TEXT NOT NULL,
    sender TEXT NOT NULL,
    origin TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    run INTEGER REFERENCES run (id),
    done_at INTEGER,
    UNIQUE (channel, agent, event)
  );
  CREATE INDEX inbox_open ON inbox (channel, id) WHERE done_at IS NULL;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    agent TEXT NOT NULL,
    conversation TEXT NOT NULL,
    txn TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    answers TEXT NOT NULL,
    at INTEGER NOT NULL,
    sent_at INTEGER
  );
  CREATE INDEX outbox_waiting ON outbox (channel, id) WHERE sent_at IS NULL;

  CREATE TABLE approval (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run (id),
    call TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments_hash TEXT NOT NULL,
    question TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'yes', 'no', 'expired', 'withdrawn')),
    answer TEXT
  );
  CREATE INDEX approval_open ON approval (run) WHERE state = 'open';

  CREATE TABLE usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    cost REAL
  );
  CREATE INDEX usage_by_time ON usage (at);

  CREATE TABLE setting (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, name)
  ) WITHOUT ROWID;

  CREATE TABLE file_origin (
    agent TEXT NOT NULL,
    path TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (agent, path)
  ) WITHOUT ROWID;

  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent TEXT NOT NULL,
    day TEXT NOT NULL,
    stamp TEXT NOT NULL,
    UNIQUE (agent, day)
  );
  CREATE VIRTUAL TABLE journal_text USING fts5 (
    text, origin UNINDEXED, section UNINDEXED, journal UNINDEXED,
    tokenize = 'porter unicode61 remove_diacritics 2'
  );
  `,
  `
  ALTER TABLE inbox ADD COLUMN quote TEXT;
  ALTER TABLE inbox ADD COLUMN attachments TEXT;
  ALTER TABLE inbox ADD COLUMN exposed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE inbox ADD COLUMN draft TEXT;
  CREATE INDEX inbox_of_conversation ON inbox (channel, agent, conversation, id);

  ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'answer';
  ALTER TABLE outbox ADD COLUMN event_id TEXT;
  ALTER TABLE outbox ADD COLUMN first_tried_at INTEGER;
  CREATE INDEX outbox_by_event ON outbox (channel, event_id) WHERE event_id IS NOT NULL;

  CREATE TABLE room (
    channel TEXT NOT NULL,
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('direct', 'group')),
    encrypted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, agent, id)
  ) WITHOUT ROWID;

  CREATE TABLE question (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    agent TEXT NOT NULL,
    conversation TEXT NOT NULL,
    txn TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL
  );

  CREATE TRIGGER log_rewritten AFTER UPDATE OF text ON log BEGIN
    INSERT INTO log_text (log_text, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO log_text (rowid, text) VALUES (new.id, new.text);
  END;
  `,
  `
  -- They are read anew, into chunks.
  DROP TABLE journal_text;
  DELETE FROM journal;

  -- What is indexed of one agent, and down to which entry of the log.
  CREATE TABLE memory (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent TEXT NOT NULL UNIQUE,
    log_until INTEGER NOT NULL DEFAULT 0
  );
  -- A few lines that were said or written one after the other. Those of one memory have ids beside each other.
  CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    session INTEGER,
    outside INTEGER,
    first INTEGER,
    last INTEGER,
    next INTEGER,
    day TEXT,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    lines TEXT NOT NULL
  );
  CREATE INDEX chunk_of_session ON chunk (session, outside, first) WHERE session IS NOT NULL;
  CREATE INDEX chunk_of_day ON chunk (day) WHERE day IS NOT NULL;
  CREATE INDEX chunk_by_time ON chunk (ends_at);
  CREATE VIRTUAL TABLE chunk_text USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE chunk_term USING fts5vocab (chunk_text, row);
  -- What has a vector, or is to have one: a chunk (line -1) or one line of it. Without a chunk: its vector is to go.
  CREATE TABLE chunk_vector (
    memory INTEGER NOT NULL,
    key TEXT NOT NULL,
    chunk INTEGER,
    line INTEGER NOT NULL,
    collection TEXT,
    PRIMARY KEY (memory, key)
  ) WITHOUT ROWID;
  CREATE INDEX chunk_vector_of_chunk ON chunk_vector (chunk);
  CREATE INDEX chunk_vector_by_collection ON chunk_vector (memory, collection);

  -- Entries whose words were taken back: what is indexed of them must go.
  CREATE TABLE log_changed (entry INTEGER PRIMARY KEY);
  CREATE TRIGGER log_change_noted AFTER UPDATE OF text ON log BEGIN
    INSERT OR IGNORE INTO log_changed (entry) VALUES (old.id);
  END;
  `,
  `
  -- What stands in a session's view in the place of the entries from from_entry to before until_entry.
  CREATE TABLE summary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES session (id),
    at INTEGER NOT NULL,
    from_entry INTEGER NOT NULL,
    until_entry INTEGER NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('agent', 'derived', 'web')),
    text TEXT NOT NULL,
    taints TEXT NOT NULL,
    marker TEXT NOT NULL,
    UNIQUE (session, until_entry, origin)
  );
  -- Words that were taken back stand in no summary: the one before them holds again.
  CREATE TRIGGER summary_outdated AFTER UPDATE OF text ON log BEGIN
    DELETE FROM summary WHERE session = old.session AND until_entry > old.id;
  END;
  -- Up to where the agent has been given the time to write down what matters.
  ALTER TABLE session ADD COLUMN noted_until INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Agents that are being made or unmade. What is needed to close the account, and the names of secrets, as JSON.
  CREATE TABLE agent_change (
    agent TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'delete')),
    step TEXT NOT NULL,
    account TEXT,
    secrets TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- Ids and accounts that were in use once. Nothing is kept of them, and they begin nothing any more.
  CREATE TABLE former_agent (
    agent TEXT PRIMARY KEY,
    account TEXT,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TRIGGER session_of_former_agent BEFORE INSERT ON session
    WHEN EXISTS (SELECT 1 FROM former_agent WHERE agent = new.agent) BEGIN
    SELECT RAISE(ABORT, 'this agent is gone');
  END;
  `,
];
