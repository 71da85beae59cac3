import { messageOf } from "../../src/errors.ts";
import { checkToken, logIn, logOut } from "../../src/homeserver/accounts.ts";
import { checkRegistration } from "../../src/homeserver/check-registration.ts";
import type { MatrixDraft } from "./draft.ts";

/** Whose login it is, or in a sentence what is wrong with it. */
export type LoginCheck = { userId: string; problem?: undefined } | { problem: string };

/** Tries the login really, and leaves nothing behind. Never throws. */
export async function checkLogin(
  { by, homeserver, userId }: Pick<MatrixDraft, "by" | "homeserver" | "userId">,
  secret: string,
  signal: AbortSignal,
): Promise<LoginCheck> {
  if (secret === "") return { problem: "It is needed to log in." };
  try {
    if (by === "token") return { userId: (await checkToken({ homeserver, accessToken: secret, signal })).userId };
    if (by === "registration-token") await checkRegistration({ homeserver, token: secret, signal });
    else await logOut({ homeserver, signal, ...(await logIn({ homeserver, userId, password: secret, signal })) });
    return { userId };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
