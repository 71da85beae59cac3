import { dirname, relative } from "node:path";
import type { Outcome } from "./carry-out.ts";
import { phoneLink, qrLines } from "./phone-link.ts";
import type { Surroundings } from "./surroundings.ts";
import { wrapped } from "./wrapped.ts";

export interface DoneOptions {
  surroundings: Pick<Surroundings, "howToStart" | "chatCommand">;
  /** The program goes on by itself. */
  goesOn: boolean;
  useColor: boolean;
}

/** What the owner has to know when all is done: what was written, the login that is shown only now, what to do next. */
export function doneText(outcome: Outcome, options: DoneOptions): string {
  const { name } = outcome.answers;
  return [
    filesLine(outcome),
    ["", `◆ ${name} is set up.`],
    ...loginLines(outcome),
    ...nextLines(outcome, options),
    ...(outcome.matrix?.notice ? ["", ...wrapped(`One thing is left to do. ${outcome.matrix.notice}`, columns)] : []),
  ]
    .flat()
    .join("\n");
}

function filesLine({ written: { config, secrets, workspace }, matrix }: Outcome): string[] {
  const folder = workspace[0] && dirname(workspace[0]);
  const files = [
    shortPath(config),
    ...(secrets || matrix?.section.access_token ? [".env"] : []),
    ...(folder ? [`${workspace.length} files in ${shortPath(folder)}`] : []),
  ];
  return wrapped(`Wrote ${new Intl.ListFormat("en").format(files)}.`, columns);
}

function loginLines({ answers: { name }, matrix }: Outcome): string[] {
  const { owner, recoveryKey } = matrix ?? {};
  return [
    ...(owner
      ? [
          "",
          ...wrapped(`Your own account is ${owner.userId}. Its password, shown only now:`, columns),
          "",
          `    ${owner.password}`,
        ]
      : []),
    ...(recoveryKey
      ? [
          "",
          ...wrapped(
            `${name}'s recovery key, shown only now. It opens ${name}'s encrypted messages should this machine be lost; .env has it too, so keep a copy somewhere else:`,
            columns,
          ),
          ...["", `    ${recoveryKey}`],
        ]
      : []),
  ];
}

function nextLines({ answers, matrix }: Outcome, { surroundings, goesOn, useColor }: DoneOptions): string[] {
  const { name } = answers;
  const { howToStart, chatCommand } = surroundings;
  if (!answers.matrix) return goesOn ? [] : ["", `To talk to ${name} type: ${chatCommand}`];

  if (answers.matrix.kind === "kept")
    return goesOn ? [] : ["", `${howToStart}, and write to ${name} where you did before.`];

  const steps = [
    ...(goesOn ? [] : [howToStart]),
    matrix?.owner
      ? `In Element (element.io) choose the homeserver ${matrix.address}, and log in with your account.`
      : "Open Element with your account.",
    `Accept ${name}'s invitation, and write to it.`,
  ];
  const userId = matrix?.section.user_id;
  const link = userId && matrix?.address ? phoneLink(matrix.address, userId) : undefined;
  return [
    ...["", "What to do next:"],
    ...steps.flatMap((step, index) => wrapped(step, columns, `  ${index + 1}. `)),
    ...(link
      ? ["", ...wrapped(`For a phone with Element: ${link} opens ${name}.`, columns), "", ...qrLines(link, useColor)]
      : []),
  ];
}

const columns = 78;

/** As it would be typed from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
