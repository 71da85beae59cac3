import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Store } from "../../src/store/store.ts";

const conversationSchema = z.object({
  id: z.string(),
  speakers: z.array(z.string()),
  sessions: z.array(
    z.object({
      date: z.string(),
      turns: z.array(z.object({ id: z.string(), speaker: z.string(), text: z.string(), image: z.string().optional() })),
    }),
  ),
  questions: z.array(z.object({ question: z.string(), category: z.int(), evidence: z.array(z.string()) })),
});
export type Conversation = z.infer<typeof conversationSchema>;

export async function readConversations(path: string): Promise<Conversation[]> {
  return z.array(conversationSchema).parse(JSON.parse(await readFile(path, "utf8")));
}

export const agent = "bench";

/**
 * Lays a conversation into the log, as if it had been said on its dates: all of it in one session, a minute a turn.
 * Gives which entry of the log each turn became.
 */
export function layInLog(store: Store, { id, sessions }: Conversation): Map<string, number> {
  const entries = new Map<string, number>();
  const session = store.sessions.begin(agent, id).id;
  store.transaction(() => {
    for (const { date, turns } of sessions) {
      const begins = momentOf(date);
      for (const [index, { id, speaker, text, image }] of turns.entries()) {
        const words = image === undefined ? text : `${text} [image: ${image}]`;
        const at = new Date(begins + index * 60_000);
        const said = { session, run: undefined, at, role: "user", sender: speaker, origin: "owner" } as const;
        store.log.append([{ ...said, text: words }]);
        entries.set(id, store.log.newestFirst(session, 0).next().value?.id ?? 0);
      }
    }
  });
  return entries;
}

/** Questions with evidence, each with the entries that hold it. What the data names and does not hold is left out. */
export function questionsOf(
  { questions }: Conversation,
  entries: ReadonlyMap<string, number>,
): { question: string; category: number; evidence: number[] }[] {
  return questions.flatMap(({ question, category, evidence }) => {
    const ids = evidence.flatMap((text) => text.match(/D\d+:\d+/g) ?? []);
    const known = new Set(ids.flatMap((id) => entries.get(id) ?? []));
    return known.size === 0 ? [] : [{ question, category, evidence: [...known] }];
  });
}

/** `1:56 pm on 8 May, 2023`, or anything that a date is read from. */
export function momentOf(text: string): number {
  const spoken = /^(\d{1,2}):(\d{2}) ([ap])m on (\d{1,2} \w+), (\d{4})$/.exec(text.trim());
  const moment = spoken
    ? Date.parse(
        `${spoken[4]} ${spoken[5]} ${(Number(spoken[1]) % 12) + (spoken[3] === "p" ? 12 : 0)}:${spoken[2]} UTC`,
      )
    : Date.parse(text);
  if (Number.isNaN(moment)) throw new Error(`"${text}" is no date that can be read.`);
  return moment;
}
