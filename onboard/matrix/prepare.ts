import { randomInt } from "node:crypto";
import type { Secrets } from "../../src/config/secrets.ts";
import { ConfigError } from "../../src/errors.ts";
import { type Account, checkToken, createAccount, logIn, logOut } from "../../src/homeserver/accounts.ts";
import { homeserverAddress } from "../../src/homeserver/homeserver-request.ts";
import type { Logger } from "../../src/log.ts";
import type { Surroundings } from "../surroundings.ts";
import type { MatrixAnswer, MatrixElsewhere, MatrixSection, PrivateMatrix } from "./answer.ts";
import { type OwnHomeserver, openOwnHomeserver } from "./own-homeserver.ts";

/** The accounts are there, and so are their keys. */
export interface PreparedMatrix {
  /** For the config; its secrets are `$NAME` and stand in `.env` already. */
  section: Partial<MatrixSection>;
  /** Where the owner logs in. */
  address?: string;
  /** The owner's account was made; they have to be told this once. */
  owner?: { userId: string; password: string };
  /** Made just now; the owner should have a copy elsewhere. */
  recoveryKey?: string;
  /** A sentence on what could not be done, although the agent can begin. */
  notice?: string;
}

export interface PrepareOptions {
  home: string;
  /** What people see. */
  agentName: string;
  /** What is in `.env`. */
  secrets: Pick<Secrets, "has" | "resolve">;
  /** Adds to it, or replaces. */
  saveSecrets(secrets: Record<string, string>): Promise<void>;
  setUpKeys: SetUpKeys;
  surroundings: Pick<Surroundings, "homeserver">;
  /** What the config says of Matrix so far. */
  before: MatrixSection | undefined;
  log: Logger;
  /** One sentence at a time. */
  onProgress(sentence: string): void;
  signal?: AbortSignal;
}

/** Gives an account its keys. Gives the recovery key; or, in a sentence, what the owner has to do first. */
export type SetUpKeys = (account: {
  homeserver: string;
  userId: string;
  accessToken: string;
  password: string | undefined;
  recoveryKey: string | undefined;
}) => Promise<{ recoveryKey: string } | { problem: string }>;

const names = {
  accessToken: "MATRIX_ACCESS_TOKEN",
  password: "MATRIX_PASSWORD",
  recoveryKey: "MATRIX_RECOVERY_KEY",
  /** Only until the owner has seen it. */
  ownerPassword: "MATRIX_OWNER_PASSWORD",
};

/**
 * Makes the accounts, logs in and sets up the keys. Each secret is in `.env` before what depends on it is made, so that
 * whoever is interrupted begins again and finds the same accounts. Throws a ConfigError.
 */
export async function prepareMatrix(answer: MatrixAnswer, options: PrepareOptions): Promise<PreparedMatrix> {
  if (answer.kind === "kept") return { section: { owners: answer.owners } };
  return answer.kind === "here" ? prepareHere(answer, options) : prepareElsewhere(answer, options);
}

/** The owner has read the password: it is kept no longer. */
export async function forgetOwnerPassword(secrets: Pick<Secrets, "remove">): Promise<void> {
  await secrets.remove([names.ownerPassword]);
}

async function prepareHere({ owner }: PrivateMatrix, options: PrepareOptions): Promise<PreparedMatrix> {
  const { agentName, onProgress, signal } = options;
  await using server = await openOwnHomeserver(options);
  const { address: homeserver, forPeople, by } = server;

  onProgress("Making the accounts");
  const person = ownerBefore(owner, homeserver, options) ?? (await makeOwner(owner, server, options));
  const password = await keptPassword(names.password, options);
  const localpart = localpartOf(agentName, owner);
  const serverName = person.userId.slice(person.userId.indexOf(":") + 1);
  const account =
    (await knownAccount(homeserver, `@${localpart}:${serverName}`, options)) ??
    (await createAccount({ homeserver, localpart, password, displayName: agentName, by, signal }));
  const prepared = await finish(homeserver, account, [person.userId], password, undefined, options);
  const { userId, password: unread } = person;
  return { ...prepared, address: forPeople, ...(unread === undefined ? {} : { owner: { userId, password: unread } }) };
}

type Owner = { userId: string; password: string };

/** The owner's account of an earlier time, with its password where they have not read it yet. */
function ownerBefore(
  owner: string,
  homeserver: string,
  options: PrepareOptions,
): { userId: string; password: string | undefined } | undefined {
  const { before } = options;
  if (before?.homeserver !== homeserver) return undefined;
  const userId = before.owners.find((each) => each.startsWith(`@${owner}:`));
  return userId === undefined ? undefined : { userId, password: secretOf(names.ownerPassword, options) };
}

async function makeOwner(
  localpart: string,
  { address: homeserver, by }: Pick<OwnHomeserver, "address" | "by">,
  options: PrepareOptions,
): Promise<Owner> {
  const { signal } = options;
  const password = await keptPassword(names.ownerPassword, options);
  const made = await createAccount({ homeserver, localpart, password, displayName: localpart, by, signal });
  // Element is to be the owner's first device, not this program.
  await logOut({ homeserver, accessToken: made.accessToken, signal });
  return { userId: made.userId, password };
}

async function prepareElsewhere(answer: MatrixElsewhere, options: PrepareOptions): Promise<PreparedMatrix> {
  const { login, owners, recoveryKey } = answer;
  const homeserver = homeserverAddress(answer.homeserver);
  const password = login.by === "password" ? login.password : undefined;
  options.onProgress(`Asking ${homeserver} for the account`);
  if (login.by === "registration-token") return register(homeserver, { ...answer, login }, options);
  const account =
    login.by === "token"
      ? { ...(await checkToken({ homeserver, accessToken: login.accessToken, signal: options.signal })), ...login }
      : ((await knownAccount(homeserver, login.userId, options)) ??
        (await logIn({ homeserver, userId: login.userId, password: login.password, signal: options.signal })));
  if (owners.includes(account.userId))
    throw new ConfigError(`${account.userId} is the agent's own account, so it cannot be its owner; name yours.`);
  return finish(homeserver, account, owners, password, recoveryKey, options);
}

async function register(
  homeserver: string,
  { login, owners, recoveryKey }: MatrixElsewhere & { login: { by: "registration-token" } },
  options: PrepareOptions,
): Promise<PreparedMatrix> {
  const { userId, registrationToken: token } = login;
  const password = await keptPassword(names.password, options);
  const localpart = userId.slice(1, userId.indexOf(":"));
  const by = { kind: "registration-token", token } as const;
  const { agentName: displayName, signal } = options;
  const account =
    (await knownAccount(homeserver, userId, options)) ??
    (await createAccount({ homeserver, localpart, password, displayName, by, signal }));
  if (account.userId !== userId)
    throw new ConfigError(`${homeserver} made the account ${account.userId}: run this again with that id.`);
  return finish(homeserver, account, owners, password, recoveryKey, options);
}

async function finish(
  homeserver: string,
  { userId, accessToken }: Pick<Account, "userId" | "accessToken">,
  owners: string[],
  password: string | undefined,
  recoveryKey: string | undefined,
  options: PrepareOptions,
): Promise<PreparedMatrix> {
  await options.saveSecrets({ [names.accessToken]: accessToken });
  options.onProgress("Setting up the keys for encryption");
  const known = recoveryKey ?? secretOf(names.recoveryKey, options);
  const keys = await options.setUpKeys({ homeserver, userId, accessToken, password, recoveryKey: known });
  const section = { homeserver, user_id: userId, access_token: `$${names.accessToken}`, owners };
  const begun = { section, address: homeserver };
  if ("problem" in keys) return { ...begun, notice: keys.problem };
  await options.saveSecrets({ [names.recoveryKey]: keys.recoveryKey });
  const prepared = { ...begun, section: { ...section, recovery_key: `$${names.recoveryKey}` } };
  return keys.recoveryKey === known ? prepared : { ...prepared, recoveryKey: keys.recoveryKey };
}

/** The login of an earlier attempt, if it still holds: its device has keys here. */
async function knownAccount(
  homeserver: string,
  userId: string,
  options: PrepareOptions,
): Promise<Pick<Account, "userId" | "accessToken"> | undefined> {
  const accessToken = secretOf(names.accessToken, options);
  if (accessToken === undefined) return undefined;
  const found = await checkToken({ homeserver, accessToken, signal: options.signal }).catch(() => undefined);
  return found?.userId === userId ? { userId, accessToken } : undefined;
}

async function keptPassword(name: string, options: PrepareOptions): Promise<string> {
  const known = secretOf(name, options);
  if (known !== undefined) return known;
  const password = newPassword();
  await options.saveSecrets({ [name]: password });
  return password;
}

function secretOf(name: string, { secrets }: PrepareOptions): string | undefined {
  return secrets.has(name) ? secrets.resolve(`$${name}`) : undefined;
}

/** Without characters that are taken for others when they are typed by hand. */
const passwordCharacters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function newPassword(): string {
  return Array.from({ length: 24 }, () => passwordCharacters[randomInt(passwordCharacters.length)]).join("");
}

/** The agent's account is called as it is, where that can be. */
function localpartOf(agentName: string, owner: string): string {
  const plain =
    agentName
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "") || "memtrix";
  return plain === owner ? `${plain}-agent` : plain.slice(0, 60);
}
