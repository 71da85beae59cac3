import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../errors.ts";
import type { Heard, Message } from "./message.ts";
import type { Person } from "./person.ts";
import type { Screen } from "./screen.ts";
import type { Line } from "./script.ts";

export interface PlayOptions {
  script: readonly Line[];
  person: Pick<Person, "say" | "react">;
  heard: Heard;
  screen: Pick<Screen, "title">;
  /** Full id of the main agent. */
  agent: string;
  /** Before each line, so that a reader can follow. */
  pauseMs: number;
  /** What was shown as under way has not come to its end. */
  isUnderWay(): boolean;
  signal: AbortSignal;
}

/** Has the person go through the script, from the agent's first word on. Rejects when nothing is answered, or on abort. */
export async function play(options: PlayOptions): Promise<void> {
  const { script, person, heard, screen, agent, pauseMs, isUnderWay, signal } = options;
  const rooms = new Map<string, { room: string; agent: string }>();

  /** What comes late is told in a sentence. */
  async function find(fits: (message: Message) => boolean, since: number): Promise<Message> {
    const late = AbortSignal.timeout(answerMs);
    try {
      return await heard.find(fits, since, AbortSignal.any([signal, late]));
    } catch (error) {
      if (signal.aborted || !late.aborted) throw error;
      throw new ConfigError(`There was no answer for ${answerMs / 1_000} s: this machine may be too busy; try again.`);
    }
  }

  /** The room in which somebody says a first word after `since` messages: theirs with the person. */
  async function enter(name: string | undefined, since: number): Promise<void> {
    const isNew = ({ sender, room }: Message) =>
      name === undefined ? sender === agent : sender !== agent && ![...rooms.values()].some((one) => one.room === room);
    const { room, sender } = await find((one) => isWords(one) && isNew(one), since);
    rooms.set(name ?? "", { room, agent: sender });
  }

  await enter(undefined, 0);
  for (const line of script) {
    if ("part" in line) {
      screen.title(line.part);
      continue;
    }
    const { says, to = "", decides, bringsAgent } = line;
    const place = rooms.get(to);
    if (!place) throw new Error(`Nobody called ${to} is there to talk to.`);
    const begun = heard.all().length;
    const answer = (since: number): Promise<Message> => {
      const isCommand = says.startsWith("/");
      const isAnswer = (one: Message) => isWords(one) && (isCommand || one.kind === "text") && one.of === undefined;
      return find((one) => one.room === place.room && one.sender === place.agent && isAnswer(one), since);
    };
    await sleep(pauseMs, undefined, { signal });
    await person.say(place.room, says);
    const first = await answer(begun);
    if (decides && isQuestion(first)) {
      const asked = heard.all().indexOf(first) + 1;
      await sleep(pauseMs, undefined, { signal });
      await person.react(place.room, first.id, decides);
      await answer(asked);
    }
    if (bringsAgent) await enter(bringsAgent, begun);
    if (isUnderWay()) await find(() => !isUnderWay(), 0);
  }
}

/** Rules answer at once; a homeserver on a busy machine may not. */
const answerMs = 120_000;

function isWords({ kind }: Message): boolean {
  return kind !== "reaction";
}

/** As the channel puts one that is decided by a reaction. */
function isQuestion({ body }: Message): boolean {
  return body.includes("✅ yes");
}
