import { type App, openApp } from "../../src/app.ts";
import type { Decision, Question, Reply } from "../../src/reply.ts";
import { startObedientModel } from "./obedient-model.ts";
import { type TemporaryHome, temporaryHome } from "./temporary-home.ts";
import type { WireModel } from "./wire-model.ts";

export interface AppRig extends AsyncDisposable {
  home: TemporaryHome;
  app: App;
  model: WireModel;
  /** Says something to an agent as the owner, who answers its questions; says yes when left out. */
  say(
    agent: string,
    text: string,
    owner?: (question: Question) => Decision,
  ): Promise<{ answer: string; questions: string[] }>;
}

const channel = "test";

/** The whole program in this process, over a wire to a model that does as it is told. */
export async function openAppRig(config: object = {}): Promise<AppRig> {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await startObedientModel());
  const home = opening.use(temporaryHome());
  home.write("data/config.json", { ...model.config, ...config });
  const app = opening.use(await openApp({ home: home.path, holder: "a test", writeLog() {} }));
  const { inbox, outbox } = app.store;
  const resources = opening.move();
  let said = 0;

  return {
    ...{ home, app, model },
    async say(agent, text, owner = () => "yes") {
      const message = {
        ...{ channel, agent, conversation: `${channel}:${agent}`, sender: "owner", text, at: new Date() },
        origin: "owner" as const,
      };
      const row = inbox.add({ ...message, event: String(said++) });
      if (row === undefined) throw new Error("known already");
      const questions: string[] = [];
      const ended = Promise.withResolvers<void>();
      const reply: Reply = {
        show: ({ type }) => type === "run-end" && ended.resolve(),
        render: (text) => [{ text }],
        async ask(question) {
          questions.push(question.text);
          return owner(question);
        },
        async sendFile() {},
        react() {},
        others: async () => [],
      };
      // A command is no run.
      const unwatch = outbox.watch(channel, () => inbox.get(row)?.doneAt && ended.resolve());
      app.orchestrator.handle({ ...message, inbox: row }, reply);
      await ended.promise.finally(unwatch);
      const answer = outbox.waiting(channel).filter(({ answers }) => answers.includes(row));
      return { questions, answer: answer.map(({ event }) => String(event.text)).join("\n") };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A line that has the obedient model make a call. */
export function call(tool: string, input: object): string {
  return `call ${tool} ${JSON.stringify(input)}`;
}
