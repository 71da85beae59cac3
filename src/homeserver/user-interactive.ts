import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { askHomeserver, type HomeserverAnswer, type HomeserverRequest } from "./homeserver-request.ts";

/** What is known to go through one stage, by the stage's name: the fields beside `type` and `session`. */
export type StageAnswers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface UserInteractiveRequest extends HomeserverRequest {
  stages: StageAnswers;
  /** What to say when a stage was refused. */
  refused(stage: string): ConfigError;
}

const challenge = z.object({
  session: z.string().optional(),
  flows: z.array(z.object({ stages: z.array(z.string()) })),
  completed: z.array(z.string()).catch([]),
});

/**
 * Sends the request, goes through the stages that the homeserver asks for, and gives its last word.
 * @throws ConfigError when it asks for what a program cannot do, or refuses an answer.
 */
export async function askInteractively(request: UserInteractiveRequest): Promise<HomeserverAnswer> {
  const { stages, refused, body = {}, homeserver } = request;
  let answer = await askHomeserver(request);
  for (const tried = new Set<string>(); answer.status === 401; ) {
    const asked = challenge.safeParse(answer.body);
    if (!asked.success) return answer;

    const { session, flows, completed } = asked.data;
    const flow = flows.find((one) => one.stages.every((stage) => completed.includes(stage) || stage in stages));
    if (!flow) throw notForPrograms(homeserver, flows);
    const stage = flow.stages.find((one) => !completed.includes(one));
    if (stage === undefined) return answer;
    if (tried.has(stage)) throw refused(stage);

    tried.add(stage);
    const auth = { ...stages[stage], type: stage, ...(session === undefined ? {} : { session }) };
    answer = await askHomeserver({ ...request, body: { ...body, auth } });
  }
  return answer;
}

function notForPrograms(homeserver: string, flows: { stages: string[] }[]): ConfigError {
  const asked = flows.map(({ stages }) => stages.map((stage) => stage.replace(/^m\.login\./, "")).join(" and "));
  return new ConfigError(
    `The homeserver at ${homeserver} asks for what only a person can do (${asked.join(", or ")}): do it in Element, and give the access token here.`,
  );
}
