import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";

/** What the keys say about the one who wrote an event. */
export interface Trust {
  /** The event comes from a device that its owner has signed, or that was trusted on this machine. */
  isFromTrustedDevice(event: MatrixEvent): Promise<boolean>;
  /** Their identity is another one than before, and nobody has confirmed that. */
  identityChanged(userId: string): Promise<boolean>;
}

export function createTrust(client: Pick<MatrixClient, "getCrypto">): Trust {
  return {
    async isFromTrustedDevice(event) {
      const crypto = client.getCrypto();
      const sender = event.getSender();
      const key = event.getSenderKey();
      if (!crypto || !sender || !key) return false;
      const devices = (await crypto.getUserDeviceInfo([sender])).get(sender);
      const device = devices?.values().find((one) => one.getIdentityKey() === key);
      if (!device) return false;
      const status = await crypto.getDeviceVerificationStatus(sender, device.deviceId);
      return status !== null && (status.signedByOwner || status.localVerified);
    },
    async identityChanged(userId) {
      const crypto = client.getCrypto();
      if (!crypto) return false;
      const status = await crypto.getUserVerificationStatus(userId);
      return status.needsUserApproval || (status.wasCrossSigningVerified() && !status.isCrossSigningVerified());
    },
  };
}
