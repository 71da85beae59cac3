import type { RoomEvent } from "./outlet.ts";

/** The same message as smaller events; none when it is too small to be the trouble. */
export function asSmaller({ type, content }: RoomEvent): RoomEvent[] {
  const { format: _, formatted_body, ...plain } = content;
  // The formatted body says the same once more: without it half is gone.
  if (formatted_body !== undefined) return [{ type, content: plain }];
  const body = String(content.body ?? "");
  if (body.length < 1_000) return [];
  const cut = cutOf(body);
  const { "m.new_content": replaced, "m.relates_to": relates, ...rest } = plain as Record<string, unknown>;
  const isEdit = replaced !== undefined;
  const head = body.slice(0, cut);
  const first = isEdit
    ? { ...rest, body: head, "m.new_content": { ...rest, body: head }, "m.relates_to": relates }
    : { ...plain, body: head };
  const second = { ...(isEdit ? rest : plain), body: body.slice(cut).trimStart() };
  return [
    { type, content: first },
    { type, content: second },
  ];
}

/** Near the middle, at the end of a paragraph, a line or a word, and never within a character. */
function cutOf(body: string): number {
  const middle = Math.ceil(body.length / 2);
  for (const end of ["\n\n", "\n", " "]) {
    const at = body.lastIndexOf(end, middle);
    if (at > middle / 2) return at + end.length;
  }
  const code = body.charCodeAt(middle);
  return code >= 0xdc00 && code <= 0xdfff ? middle + 1 : middle;
}
