import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { endpoints } from "./endpoints.ts";
import { askHomeserver, type HomeserverAnswer, refusalOf } from "./homeserver-request.ts";
import { registerWithSecret } from "./register-with-secret.ts";
import { registerWithToken } from "./register-with-token.ts";
import { askInteractively } from "./user-interactive.ts";

/** An account that is logged in as one device. The token is a secret. */
export interface Account {
  userId: string;
  deviceId: string;
  accessToken: string;
}

export interface NewAccount {
  homeserver: string;
  /** The id's first part: `memtrix` of @memtrix:memtrix.local */
  localpart: string;
  password: string;
  /** What people see. */
  displayName: string;
  by: { kind: "registration-token"; token: string } | { kind: "shared-secret"; secret: string };
  signal?: AbortSignal | undefined;
}

/**
 * Makes an account and logs in. Made already with this very password (the answer was lost the last time), it is logged in to.
 * On Conduit and its descendants the first account of all becomes the server's administrator: make the owner's first.
 * @throws ConfigError that says what to do.
 */
export async function createAccount(options: NewAccount): Promise<Account> {
  const { homeserver, localpart, password, displayName, by, signal } = options;
  if (!/^[a-z0-9._=/+-]{1,200}$/.test(localpart)) {
    throw new ConfigError("An account's name has small letters a to z, digits, and . _ = / + - only.");
  }
  const request = { homeserver, localpart, password, deviceName, signal };
  const answer =
    by.kind === "shared-secret"
      ? await registerWithSecret({ ...request, secret: by.secret })
      : await registerWithToken({ ...request, token: by.token });

  if (answer.errcode === "M_USER_IN_USE") {
    const found = await tryPassword({ homeserver, user: localpart, password, signal });
    if (!found.ok)
      throw new ConfigError(`There is an account ${localpart} on ${homeserver} already; choose another name.`);
    return accountOf(found, homeserver);
  }
  if (!answer.ok) throw refusalOf(answer, homeserver, `does not make the account ${localpart}`);

  const account = accountOf(answer, homeserver);
  const { userId, accessToken } = account;
  // The account is there whatever comes of this, and its token must not be lost for a name.
  const body = { displayname: displayName };
  await askHomeserver({ homeserver, endpoint: endpoints.displayName, userId, body, accessToken, signal }).catch(
    () => {},
  );
  return account;
}

export interface LogIn {
  homeserver: string;
  userId: string;
  password: string;
  /** The device to be again, whose keys are still there. */
  deviceId?: string;
  signal?: AbortSignal | undefined;
}

/** @throws ConfigError that says what to do. */
export async function logIn({ homeserver, userId, password, deviceId, signal }: LogIn): Promise<Account> {
  const answer = await tryPassword({ homeserver, user: userId, password, deviceId, signal });
  if (answer.ok) return accountOf(answer, homeserver);
  if (answer.errcode === "M_USER_DEACTIVATED")
    throw new ConfigError(`The account ${userId} was closed for good; take another.`);
  if (answer.errcode !== "M_FORBIDDEN") throw refusalOf(answer, homeserver, `does not log ${userId} in`);
  if (!(await takesPasswords(homeserver, signal))) {
    throw new ConfigError(
      `${homeserver} takes no passwords from programs: log in with Element, and give the access token here.`,
    );
  }
  throw new ConfigError(`${homeserver} knows no account ${userId} with that password; check both.`);
}

export interface Token {
  homeserver: string;
  accessToken: string;
  signal?: AbortSignal | undefined;
}

/** Whose token it is, and which device's. @throws ConfigError that says what to do. */
export async function checkToken({ homeserver, accessToken, signal }: Token): Promise<Omit<Account, "accessToken">> {
  const answer = await askHomeserver({ homeserver, endpoint: endpoints.whoAmI, accessToken, signal });
  if (answer.errcode === "M_UNKNOWN_TOKEN" || answer.errcode === "M_MISSING_TOKEN") {
    throw new ConfigError(
      `${homeserver} does not know this access token (any more): copy it again, whole. Where Memtrix was set up already, memtrix onboard --relogin logs it in again and keeps its keys.`,
    );
  }
  if (!answer.ok) throw refusalOf(answer, homeserver, "does not take the access token");
  if (answer.body.device_id === undefined) {
    throw new ConfigError(
      "This access token belongs to no device, so nothing could be encrypted: take one from a login.",
    );
  }
  const { userId, deviceId } = accountOf(
    { ...answer, body: { ...answer.body, access_token: accessToken } },
    homeserver,
  );
  return { userId, deviceId };
}

/** Ends the device that the token belongs to; a token that is known no more is well. */
export async function logOut({ homeserver, accessToken, signal }: Token): Promise<void> {
  const answer = await askHomeserver({ homeserver, endpoint: endpoints.logout, accessToken, signal });
  if (!answer.ok && answer.errcode !== "M_UNKNOWN_TOKEN") throw refusalOf(answer, homeserver, "does not log out");
}

export interface Deactivation extends Token {
  userId: string;
  password: string;
}

/** Closes the account for good: it leaves all rooms, and its name is never free again. */
export async function deactivate(options: Deactivation): Promise<void> {
  const { homeserver, userId, accessToken, password, signal } = options;
  const wrong = new ConfigError(`${homeserver} does not close the account ${userId}: its password is another.`);
  const answer = await askInteractively({
    ...{ homeserver, accessToken, signal, endpoint: endpoints.deactivate, limitMs: 120_000 },
    stages: { "m.login.password": { identifier: { type: "m.id.user", user: userId }, password } },
    refused: () => wrong,
  });
  if (answer.errcode === "M_FORBIDDEN") throw wrong;
  if (!answer.ok) throw refusalOf(answer, homeserver, `does not close the account ${userId}`);
}

const deviceName = "Memtrix";

export interface Attempt {
  homeserver: string;
  /** The id, or its localpart. */
  user: string;
  password: string;
  deviceId?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** The homeserver's answer to a login, also where it is a refusal. */
export function tryPassword({ homeserver, user, password, deviceId, signal }: Attempt): Promise<HomeserverAnswer> {
  const body = {
    ...{ type: "m.login.password", identifier: { type: "m.id.user", user }, password },
    ...{ device_id: deviceId, initial_device_display_name: deviceName },
  };
  return askHomeserver({ homeserver, endpoint: endpoints.login, body, signal });
}

const loginFlows = z.object({ flows: z.array(z.object({ type: z.string() })) });

async function takesPasswords(homeserver: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { body } = await askHomeserver({ homeserver, endpoint: endpoints.loginFlows, signal });
  const known = loginFlows.safeParse(body);
  return !known.success || known.data.flows.some(({ type }) => type === "m.login.password");
}

const account = z.object({ user_id: z.string(), device_id: z.string(), access_token: z.string() });

function accountOf({ body }: HomeserverAnswer, homeserver: string): Account {
  const known = account.safeParse(body);
  if (!known.success) {
    const missing = known.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new ConfigError(`The answer of ${homeserver} lacks ${missing}: is it a Matrix homeserver, and up to date?`);
  }
  return { userId: known.data.user_id, deviceId: known.data.device_id, accessToken: known.data.access_token };
}
