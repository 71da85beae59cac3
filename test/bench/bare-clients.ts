import "fake-indexeddb/auto";
import { ClientEvent, createClient, RoomMemberEvent, SyncState } from "matrix-js-sdk";
import { silenceSdk, silentSdkLogger } from "../../src/channel/matrix/silence-sdk.ts";

// Encrypted clients and nothing else, as many as its parent names: the SDK, keys in memory alone. Each joins the rooms
// that it is invited to and decrypts what is said there.
silenceSdk();

interface BareAccount {
  baseUrl: string;
  userId: string;
  deviceId: string;
  accessToken: string;
}

async function open(account: BareAccount): Promise<void> {
  const client = createClient({ ...account, logger: silentSdkLogger });
  await client.initRustCrypto({ cryptoDatabasePrefix: account.userId });
  const heard = Promise.withResolvers<void>();
  client.on(ClientEvent.Sync, (state) => void (state === SyncState.Syncing && heard.resolve()));
  client.on(RoomMemberEvent.Membership, (_, member) => {
    if (member.userId === account.userId && member.membership === "invite") void client.joinRoom(member.roomId);
  });
  await client.startClient();
  await heard.promise;
}

process.on("message", async (accounts: BareAccount[]) => {
  for (const account of accounts) await open(account);
  process.send?.("open");
});
process.once("disconnect", () => process.exit());
