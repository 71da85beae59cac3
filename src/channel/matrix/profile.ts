import type { MatrixClient } from "matrix-js-sdk";
import type { Settings } from "../../store/settings.ts";
import { avatarOf } from "./avatar.ts";

export interface ProfileOptions {
  client: Pick<MatrixClient, "getSafeUserId" | "getProfileInfo" | "setDisplayName" | "setAvatarUrl" | "uploadContent">;
  /** The agent, as its owner calls it. */
  name: string;
  settings: Settings;
  /** Of the account, in `settings`. */
  scope: string;
}

/**
 * Gives an account the agent's name and a picture, where it has none that somebody chose. A picture that was taken away
 * stays away. Gives the address of the picture that it has.
 */
export async function ensureProfile({ client, name, settings, scope }: ProfileOptions): Promise<string | undefined> {
  const userId = client.getSafeUserId();
  const { displayname, avatar_url } = await client.getProfileInfo(userId).catch(ifThereIsNone);
  const ours = displayname === settings.get(scope, "display_name") || isOfTheServer(displayname, userId);
  if (ours && displayname !== name) {
    await client.setDisplayName(name);
    settings.set(scope, "display_name", name);
  }
  if (avatar_url || settings.get(scope, "avatar") !== undefined) return avatar_url;
  const picture = Buffer.from(avatarOf(userId));
  const { content_uri } = await client.uploadContent(picture, { type: "image/png", name: "avatar.png" });
  await client.setAvatarUrl(content_uri);
  settings.set(scope, "avatar", content_uri);
  return content_uri;
}

/** Servers name an account by its id, some with an ornament behind it. */
function isOfTheServer(displayname: string | undefined, userId: string): boolean {
  if (!displayname) return true;
  const localpart = userId.slice(1).split(":")[0] ?? "";
  return displayname.startsWith(localpart) && !/[\p{L}\p{N}]/u.test(displayname.slice(localpart.length));
}

function ifThereIsNone(error: { errcode?: unknown }): { displayname?: string; avatar_url?: string } {
  if (error.errcode === "M_NOT_FOUND") return {};
  throw error;
}
