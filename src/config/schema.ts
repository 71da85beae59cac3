import { z } from "zod";

/** The version that this program reads and writes. */
export const configVersion = 1;

/** A string that stands for a secret: `$NAME`, whole. `$$` at the start is a plain dollar. */
export const placeholder = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

const sectionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores");
const modelName = z.string().regex(/^[^\s\p{Cc}]{1,200}$/u, "must be 1 to 200 characters without spaces");
const agentId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 lower-case letters, digits or dashes and begin with a letter")
  .refine((id) => id !== "main", "may not be main: that is the main agent");
const text = z.string().trim().min(1, "must not be empty");
const address = z
  .string()
  .refine(
    (value) => placeholder.test(value) || isHttpAddress(value),
    "must be an address that begins with http:// or https://",
  );

const switches = z.record(z.string(), z.boolean()).default({});
const parameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  max_tokens: z.int().positive().optional(),
});

const mainAgent = z.strictObject({
  name: text.default("Memtrix"),
  /** May be left out: a model's own provider wins. */
  provider: sectionName.optional(),
  model: modelName,
  channel: sectionName.default("cli"),
  /** Show each tool call with its result. */
  verbose: z.boolean().default(false),
  /** Show the model's thinking. */
  reasoning: z.boolean().default(false),
  /** Tools switched on or off by name. */
  tools: switches,
});

const agent = z.strictObject({
  name: text,
  description: text,
  model: modelName,
  channel: sectionName.default("cli"),
  user_id: text.optional(),
  access_token: text.optional(),
  recovery_key: text.optional(),
  /** Of an account that was made for it, which is closed with it. */
  password: text.optional(),
  /** It was made when its maker had read from outside: all that it does is decided as if it had read so itself. */
  tainted: z.boolean().default(false),
  /** Who may write to it beside the owner. */
  allowed: z.array(text).default([]),
  instructions: z.string().default(""),
  parameters: parameters.default({}),
  tools: switches,
  verbose: z.boolean().default(false),
  reasoning: z.boolean().default(false),
});

/** The settings beside `type` are checked by the provider's own schema. */
const provider = z.looseObject({ type: text });

const model = z.strictObject({
  provider: sectionName,
  /** What the provider calls it. */
  model: text,
  /** Ask it to think first; left out, the model decides. */
  think: z.boolean().optional(),
  /** It looks at pictures, or does not; left out, as its server says. */
  vision: z.boolean().optional(),
  /** The most tokens that a request and its answer hold together. */
  context_tokens: z.int().min(4096).default(16_384),
  parameters: parameters.default({}),
});

const room = z.strictObject({
  /** `open`: answers everything; `mention`: when spoken to; `listen`: learns and is silent. */
  mode: z.enum(["open", "mention", "listen", "off"]).default("mention"),
  /** What is private may be used here although others read along. */
  trusted: z.boolean().default(false),
  agents_may_talk: z.int().nonnegative().default(4),
});

const matrixChannel = z.strictObject({
  type: z.literal("matrix"),
  homeserver: address,
  user_id: text,
  access_token: text,
  /** Opens the account's cross-signing keys and the backup of its room keys. */
  recovery_key: text.nullable().default(null),
  owners: z.array(text).min(1),
  allowed: z.array(text).default([]),
  /** `required`: encrypted rooms only; `on`: as the room is, new rooms encrypted; `off`: new rooms are not encrypted. */
  e2ee: z.enum(["required", "on", "off"]).default("on"),
  /**
   * How an owner's yes to a question is given. `text`: in words alone, for a homeserver that others run: reactions are
   * not encrypted, and it could forge one.
   */
  approvals: z.enum(["reaction", "text"]).default("reaction"),
  streaming: z.enum(["on", "off"]).default("off"),
  /** What came while the program was away is answered up to this age; older messages are listed. */
  answer_hours: z.number().positive().default(24),
  /** How long a burst of messages may pause and is still taken together. */
  burst_ms: z.int().nonnegative().default(1000),
  /** Lay 👀 on a message whose answer takes long. */
  eyes: z.enum(["on", "off"]).default("off"),
  /** The most that a file from a room may have. */
  attachment_mib: z.int().positive().max(1024).default(50),
  home_room: z.string().nullable().default(null),
  rooms: z.record(z.string(), room).default({}),
});

const cliChannel = z.strictObject({ type: z.literal("cli") });

/** `data/config.json`. It holds `$NAME` where a secret belongs, never the secret. */
export const configSchema = z.strictObject({
  version: z.literal(configVersion),
  "main-agent": mainAgent,
  agents: z.record(agentId, agent).default({}),
  /** Relative to the home folder unless absolute. */
  "workspace-directory": text.default("workspace"),
  timezone: z
    .string()
    .refine(isTimezone, "must be a time zone's IANA name, such as Europe/Lisbon or UTC")
    .default(localTimezone),
  providers: z.record(sectionName, provider),
  models: z.record(modelName, model),
  channels: z
    .record(sectionName, z.discriminatedUnion("type", [matrixChannel, cliChannel]))
    .default({ cli: { type: "cli" } }),
  memory: z
    .strictObject({
      /** What texts are compared by in their meaning; null: they are searched by keyword alone, and nothing is fetched. */
      model: text.nullable().default("nomic-ai/nomic-embed-text-v1.5"),
      chroma_url: address.nullable().default(null),
      half_life_days: z.number().positive().default(60),
      recollection_tokens: z.int().nonnegative().default(800),
    })
    .prefault({}),
  search: z.strictObject({ searxng_url: address.nullable().default(null) }).prefault({}),
  egress: z
    .strictObject({
      /** Private addresses that tools may reach, each as host:port. */
      allow: z.array(text).default([]),
      /** The most that one download may have. */
      download_mib: z.int().positive().max(1024).default(50),
    })
    .prefault({}),
  /** Served on this machine alone, to whoever has the key; nothing is served while this is null. */
  metrics: z
    .strictObject({ port: z.int().min(1).max(65_535).default(9464), key: text })
    .nullable()
    .default(null),
  limits: z
    .strictObject({
      steps: z.int().positive().default(10),
      calls: z.int().positive().default(25),
      run_minutes: z.number().positive().default(10),
      tokens_per_day: z.int().positive().nullable().default(null),
      cost_per_day: z.number().positive().nullable().default(null),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** This machine's time zone. */
export function localTimezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** True for a name of the time zone database; offsets such as +01:00 know no summer time and are refused. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isHttpAddress(value: string): boolean {
  return /^https?:\/\//i.test(value) && URL.canParse(value);
}
