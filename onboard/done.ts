import { relative } from "node:path";
import type { Outcome } from "./carry-out.ts";
import { phoneLink, qrLines } from "./phone-link.ts";
import type { Surroundings } from "./surroundings.ts";

export interface DoneOptions {
  surroundings: Pick<Surroundings, "startCommand" | "inContainer">;
  /** The program goes on by itself. */
  goesOn: boolean;
  useColor: boolean;
}

/** What the owner has to know when all is done: what was written, the login that is shown only now, what to do next. */
export function doneText({ answers, written, matrix }: Outcome, options: DoneOptions): string {
  const { config, secrets, workspace } = written;
  const files = [config, ...(secrets ? [secrets] : []), ...workspace];
  return [
    ...files.map((file) => `Wrote ${shortPath(file)}`),
    "",
    `${answers.name} is set up.`,
    ...loginLines({ answers, matrix }),
    ...nextLines({ answers, matrix }, options),
  ].join("\n");
}

type Made = Pick<Outcome, "answers" | "matrix">;

function loginLines({ answers: { name }, matrix }: Made): string[] {
  const owner = matrix?.owner && [
    "",
    `Your own account is ${matrix.owner.userId}, and its password, which is shown only now:`,
    ...["", `    ${matrix.owner.password}`],
  ];
  const recovery = matrix?.recoveryKey && [
    "",
    `${name}'s recovery key, which is shown only now:`,
    ...["", `    ${matrix.recoveryKey}`, ""],
    `It opens ${name}'s encrypted messages should this machine be lost. It is in .env as well; keep a copy`,
    "somewhere else, like the key of a house.",
  ];
  return [...(owner ?? []), ...(recovery || [])];
}

function nextLines({ answers, matrix }: Made, { surroundings, goesOn, useColor }: DoneOptions): string[] {
  const { startCommand, inContainer } = surroundings;
  if (!answers.matrix)
    return goesOn
      ? []
      : ["", `To talk to ${answers.name} type: ${inContainer ? "docker compose run --rm memtrix chat" : startCommand}`];
  const agent = matrix?.section.user_id;
  const link = agent && matrix?.address ? phoneLink(matrix.address, agent) : undefined;
  const steps = [
    ...(goesOn ? [] : [`Start it: ${startCommand}`]),
    ...(matrix?.owner
      ? [`Open Element (element.io), choose ${matrix.address} as the homeserver, and log in with your own account.`]
      : ["Open Element with your own account."]),
    `${answers.name} invites you there: accept, and write to it.`,
  ];
  return [
    ...["", "What to do next:"],
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    ...(link
      ? ["", `On a phone with Element this opens ${answers.name}: ${link}`, "", ...qrLines(link, useColor)]
      : []),
    ...(matrix?.notice ? ["", `One thing is left to do. ${matrix.notice}`] : []),
  ];
}

/** As it would be typed from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
