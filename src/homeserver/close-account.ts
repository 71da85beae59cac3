import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { deactivate, logOut, tryPassword } from "./accounts.ts";
import { endpoints } from "./endpoints.ts";
import { askHomeserver, refusalOf } from "./homeserver-request.ts";

export interface AccountToClose {
  homeserver: string;
  userId: string;
  /** Of the device that ends; undefined where none is known. */
  accessToken: string | undefined;
  /** With it the account itself is closed for good; without, its device is logged out. */
  password: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Leaves all rooms and ends the account, or its device. One that is not there, or ended before, is well. @throws ConfigError */
export async function closeAccount(account: AccountToClose): Promise<void> {
  const { homeserver, userId, password, signal } = account;
  const accessToken = await tokenThatHolds(account);
  if (accessToken === undefined) return;
  await leaveRooms({ homeserver, accessToken, signal });
  if (password === undefined) await logOut({ homeserver, accessToken, signal });
  else await deactivate({ homeserver, userId, accessToken, password, signal });
}

/** The token, or that of a new login. Undefined where nobody is to be logged in: it was never made, or is closed. */
async function tokenThatHolds(account: AccountToClose): Promise<string | undefined> {
  const { homeserver, userId, accessToken, password, signal } = account;
  if (accessToken !== undefined) {
    const answer = await askHomeserver({ homeserver, endpoint: endpoints.whoAmI, accessToken, signal });
    if (answer.ok) return accessToken;
    if (answer.errcode === "M_USER_DEACTIVATED") return undefined;
    if (answer.errcode !== "M_UNKNOWN_TOKEN") throw refusalOf(answer, homeserver, `does not say whose token it is`);
  }
  if (password === undefined) return undefined;
  const answer = await tryPassword({ homeserver, user: userId, password, signal });
  if (answer.ok) return z.object({ access_token: z.string() }).parse(answer.body).access_token;
  if (answer.errcode === "M_FORBIDDEN" || answer.errcode === "M_USER_DEACTIVATED") return undefined;
  throw refusalOf(answer, homeserver, `does not log ${userId} in`);
}

const joined = z.object({ joined_rooms: z.array(z.string()) });

interface LoggedIn {
  homeserver: string;
  accessToken: string;
  signal: AbortSignal | undefined;
}

async function leaveRooms({ homeserver, accessToken, signal }: LoggedIn): Promise<void> {
  const answer = await askHomeserver({ homeserver, endpoint: endpoints.joinedRooms, accessToken, signal });
  const rooms = joined.safeParse(answer.body);
  if (!rooms.success) throw new ConfigError(`${homeserver} does not say which rooms an account is in.`);
  for (const roomId of rooms.data.joined_rooms) {
    const left = await askHomeserver({ homeserver, endpoint: endpoints.leave, roomId, accessToken, signal });
    if (!left.ok && left.errcode !== "M_FORBIDDEN")
      throw refusalOf(left, homeserver, "does not let an account out of a room");
  }
}
