import { MatrixEvent } from "matrix-js-sdk";
import { formatMessage } from "../../../src/channel/matrix/format.ts";
import { readIncoming } from "../../../src/channel/matrix/incoming.ts";
import { readableBody } from "../../../src/channel/matrix/readable-body.ts";
import { randomMarkdown } from "../../support/random-markdown.ts";
import { check, type FuzzTarget, stateless } from "../fuzz-target.ts";
import type { Random } from "../random.ts";
import { someJson, spoil, spoilJson } from "../spoil.ts";

const contents = [
  { msgtype: "m.text", body: "> <@ada:x> earlier\n\nhello", "m.relates_to": { "m.in_reply_to": { event_id: "$a" } } },
  { msgtype: "m.text", body: "", format: "org.matrix.custom.html", formatted_body: "<p>a &amp; <b>b</b></p><li>c" },
  {
    ...{ msgtype: "m.text", body: "* new", "m.new_content": { msgtype: "m.text", body: "new" } },
    "m.relates_to": { rel_type: "m.replace", event_id: "$a" },
  },
  { "m.relates_to": { rel_type: "m.annotation", event_id: "$a", key: "✅" } },
  { msgtype: "m.image", body: "a.png", url: "mxc://x/y", file: { v: "v2" }, "m.mentions": { user_ids: ["@a:x"] } },
  { redacts: "$a", replacement_room: "!b:x", algorithm: "m.megolm.v1.aes-sha2" },
];
const types = ["m.room.message", "m.reaction", "m.room.redaction", "m.room.tombstone", "m.room.encryption", "m.other"];
const pieces = [
  "<p>",
  "</p>",
  "<br>",
  "<!--",
  "<script>",
  '<a href="',
  "<mx-reply>",
  "&amp;",
  "&#x",
  "\n> ",
  "<@",
  "@room",
];

/** Events as a homeserver and other people's clients send them; and what a model writes, as an event. */
export const matrixEventTarget: FuzzTarget = {
  name: "matrix-event",
  open: stateless((random) => {
    const content = spoilJson(random.pick(contents), random);
    const text = readableBody(content);
    check(!text.includes("\u0000"), "A control character got through", content);
    readIncoming(new MatrixEvent(someEvent(random, content)));

    const markdown = spoil(randomMarkdown(random.below(2 ** 31)), random, pieces);
    for (const part of formatMessage(markdown, { isAllowedLink: () => false })) {
      check(Buffer.byteLength(JSON.stringify(part)) < 32_000, "The event is too large", markdown);
      check(!/<(?:script|img|iframe|style|form|input)\b/i.test(part.formatted_body), "A tag got through", markdown);
    }
  }),
};

function someEvent(random: Random, content: unknown): object {
  const event = {
    ...{
      type: random.pick(types),
      event_id: "$b",
      sender: "@ada:x",
      room_id: "!a:x",
      origin_server_ts: 1_800_000_000_000,
    },
    // The SDK itself takes no other content than an object.
    content: typeof content === "object" && content !== null && !Array.isArray(content) ? content : {},
    ...(random.chance(0.3) ? { state_key: "", redacts: someJson(random) } : {}),
  };
  for (const key of ["event_id", "sender", "room_id", "origin_server_ts"] as const)
    if (random.chance(0.05)) Object.assign(event, { [key]: someJson(random) });
  return event;
}
