import "fake-indexeddb/auto";
import { createClient, type MatrixEvent, MatrixEventEvent, RoomMemberEvent } from "matrix-js-sdk";
import { silenceSdk, silentSdkLogger } from "../../src/channel/matrix/silence-sdk.ts";

// The least that answers in an encrypted room: the SDK, keys in memory alone, and every message said again. It is told
// who it is by its parent.
silenceSdk();
process.once("message", async (account: { baseUrl: string; userId: string; deviceId: string; accessToken: string }) => {
  const client = createClient({ ...account, logger: silentSdkLogger });
  await client.initRustCrypto();

  function answer(event: MatrixEvent): void {
    if (event.getType() !== "m.room.message" || event.getSender() === account.userId) return;
    void client.sendTextMessage(event.getRoomId() ?? "", String(event.getContent().body));
  }

  client.on(MatrixEventEvent.Decrypted, answer);
  client.on(RoomMemberEvent.Membership, (_, member) => {
    if (member.userId === account.userId && member.membership === "invite") void client.joinRoom(member.roomId);
  });
  await client.startClient();
});
// Its parent is gone.
process.once("disconnect", () => process.exit());
