import type { MatrixClient } from "matrix-js-sdk";
import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";

export interface VerificationOptions {
  client: MatrixClient;
  /** Only with these a verification is made; everybody else's request is declined. */
  isOwner(user: string): boolean;
  /** Shows the emojis to the owner, who compares them and says yes or no; called once each verification. */
  onEmojis(
    emojis: readonly Emoji[],
    confirm: () => Promise<void>,
    cancel: () => Promise<void>,
    who: { user: string; device: string | undefined; room: string | undefined },
  ): void;
  /** It came to its end. */
  onDone?(result: { user: string; verified: boolean; reason?: string }): void;
  log: Logger;
}

export interface Emoji {
  symbol: string;
  name: string;
}

/** Takes verifications that owners ask for, by comparing emojis. Ends when disposed of. */
export function acceptVerifications(options: VerificationOptions): Disposable {
  const { client, isOwner, log } = options;
  const take = (request: VerificationRequest): void => {
    if (request.initiatedByMe) return;
    const user = request.otherUserId;
    const done = isOwner(user) ? verify(request, options) : decline(request, options);
    done.catch((error) => {
      log.warn("a verification failed", { user, error });
      options.onDone?.({ user, verified: false, reason: messageOf(error) });
    });
  };
  client.on(CryptoEvent.VerificationRequestReceived, take);
  return { [Symbol.dispose]: () => void client.off(CryptoEvent.VerificationRequestReceived, take) };
}

async function decline(request: VerificationRequest, { log }: VerificationOptions): Promise<void> {
  log.warn("a verification by somebody who is no owner was declined", { user: request.otherUserId });
  await request.cancel();
}

async function verify(request: VerificationRequest, { onEmojis, onDone, log }: VerificationOptions): Promise<void> {
  const user = request.otherUserId;
  const room = request.roomId;
  if (request.phase === VerificationPhase.Requested) await request.accept();
  // The other side chooses the method and begins; where both do, the protocol itself decides.
  await until(request, () => request.verifier !== undefined);
  const { verifier } = request;
  if (verifier === undefined) throw new Error(`It was cancelled (${request.cancellationCode ?? "no reason given"}).`);

  verifier.once(VerifierEvent.ShowSas, (sas: ShowSasCallbacks) => {
    const emojis = (sas.sas.emoji ?? []).map(([symbol, name]) => ({ symbol, name }));
    const cancel = async () => sas.mismatch();
    onEmojis(emojis, () => sas.confirm(), cancel, { user, device: request.otherDeviceId, room });
  });
  await verifier.verify();
  log.info("a verification was completed", { user });
  onDone?.({ user, verified: true });
}

/** Waits for a change of the request that makes `there` true, or for its end. */
function until(request: VerificationRequest, there: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    const isOver = [VerificationPhase.Cancelled, VerificationPhase.Done].includes(request.phase);
    if (there() || isOver) resolve();
  };
  request.on(VerificationRequestEvent.Change, look);
  look();
  return promise.finally(() => request.off(VerificationRequestEvent.Change, look));
}
