import type { RoomEvent } from "./outlet.ts";
import type { Pace } from "./pace.ts";
import type { Sender } from "./sender.ts";

/** One message that changes while something is under way: edited in place, as often as the pace allows. */
export interface LiveMessage {
  /** Its event, once it has left. */
  readonly event: string | undefined;
  /** What it is to say now. Shown at the next occasion; what was never shown is passed over. */
  show(event: RoomEvent): void;
  /** The last word: shown whatever the pace is. */
  finish(event?: RoomEvent): Promise<void>;
  /** Nothing more is shown. `onLate` gets the event of a message that was on its way. */
  leave(onLate: (event: string) => void): void;
}

export interface LiveMessageOptions {
  room: string;
  sender: Sender;
  pace: Pace;
  /** Makes the edit that lets an earlier event show this one. */
  edit(event: string, shown: RoomEvent): RoomEvent;
  /** One that was begun before the program was ended. */
  begun?: string | undefined;
  onSent?(event: string): void;
}

const mostEdits = 20;
const lookAgainMs = 1_000;

export function createLiveMessage({ room, sender, pace, edit, begun, onSent }: LiveMessageOptions): LiveMessage {
  let event = begun;
  let edits = 0;
  let wanted: RoomEvent | undefined;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let left: ((event: string) => void) | undefined;

  async function put(shown: RoomEvent, patient: boolean): Promise<void> {
    if (event !== undefined) {
      edits++;
      await sender.try(room, edit(event, shown), { patient });
      return;
    }
    event = await sender.try(room, shown, { patient });
    if (event === undefined) return;
    if (left) left(event);
    else onSent?.(event);
  }

  function occasion(): void {
    if (left || working || !wanted || edits >= mostEdits) return;
    if (!pace.mayShow()) {
      timer ??= setTimeout(() => {
        timer = undefined;
        occasion();
      }, lookAgainMs).unref();
      return;
    }
    const shown = wanted;
    wanted = undefined;
    working = put(shown, false).finally(() => {
      working = undefined;
      occasion();
    });
  }

  return {
    get event() {
      return event;
    },
    show(shown) {
      wanted = shown;
      occasion();
    },
    async finish(last = wanted) {
      wanted = undefined;
      clearTimeout(timer);
      await working;
      if (last && !left) await put(last, true);
      left ??= () => {};
    },
    leave(onLate) {
      left = onLate;
      clearTimeout(timer);
    },
  };
}
