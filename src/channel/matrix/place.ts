/** Where something is said: a room, or a thread of it. */
export interface Place {
  room: string;
  /** The event id of the thread's root. */
  thread?: string | undefined;
}

/** `matrix:!room`, `matrix:!room/$thread`. */
export function conversationOf(channel: string, { room, thread }: Place): string {
  return `${channel}:${room}${thread ? `/${thread}` : ""}`;
}

/** The opposite; undefined when it is no conversation of this channel. */
export function placeOf(channel: string, conversation: string): Place | undefined {
  if (!conversation.startsWith(`${channel}:`)) return undefined;
  const id = conversation.slice(channel.length + 1);
  // Event ids may hold slashes: the thread begins at the first slash before a dollar sign.
  const cut = id.indexOf("/$");
  return cut === -1 ? { room: id } : { room: id.slice(0, cut), thread: id.slice(cut + 1) };
}
