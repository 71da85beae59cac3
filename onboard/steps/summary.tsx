import { Box, Text } from "ink";
import type { Answers, SourceAnswer } from "../answers.ts";
import { settingText } from "../fields.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";

interface SummaryStepProps {
  place: Place;
  answers: Answers;
  /** A sentence on something that is allowed, but not good. */
  warning: string | undefined;
  onAnswer(): void;
  onBack(): void;
}

export function SummaryStep({ place, answers, warning, onAnswer, onBack }: SummaryStepProps) {
  return (
    <Frame
      place={place}
      question="Is this right?"
      help="Nothing has been written yet. Yes does it all."
      problem={warning}
      keys="↑↓ choose · Enter · Esc back"
    >
      {rowsFor(answers).map(([name, value]) => (
        <Box key={name}>
          <Box width={18} flexShrink={0}>
            <Text dimColor>{name}</Text>
          </Box>
          <Text wrap="truncate-middle">{value}</Text>
        </Box>
      ))}
      <Box marginTop={1}>
        <ChoiceList
          choices={[
            { value: onAnswer, label: "Yes, write it" },
            { value: onBack, label: "No, go back" },
          ]}
          onChoose={(choice) => choice()}
          onBack={onBack}
        />
      </Box>
    </Frame>
  );
}

function matrixRows(matrix: Answers["matrix"]): [string, string][] {
  if (!matrix) return [["Talks", "in this terminal"]];
  if (matrix.kind === "here")
    return [
      ["Talks", "on Matrix, on a homeserver of your own"],
      ["Your account", `@${matrix.owner}, made with a password that you will be told`],
    ];
  const owners: [string, string] = ["Owners", matrix.owners.join(", ")];
  if (matrix.kind === "kept") return [["Talks", "on Matrix, as it is set up now"], owners];
  const { homeserver, login } = matrix;
  const account = login.by === "token" ? `${login.userId}, by its access token` : login.userId;
  const made = login.by === "registration-token" ? " (is made)" : "";
  return [["Talks", `on Matrix, at ${homeserver}`], ["Its account", account + made], owners];
}

function otherText({ provider, model }: SourceAnswer): string {
  return `${model.id} (${provider.section})`;
}

function rowsFor({ name, provider, model, others, matrix, timezone }: Answers): [string, string][] {
  const { section, type, settings, secrets } = provider;
  const hidden = (value: unknown) => typeof value === "string" && value.startsWith("$");
  return [
    ["Name", name],
    ["Models from", section === type ? type : `${section} (${type})`],
    ...Object.entries(settings).map(([key, value]): [string, string] => [
      key,
      hidden(value) ? "as kept in .env" : settingText(value),
    ]),
    ...Object.keys(secrets).map((key): [string, string] => [key, "•••••• (goes into .env)"]),
    ["Model", `${model.id}, holding ${model.contextTokens.toLocaleString("en")} tokens in mind`],
    ...(others.length > 0 ? [["Others", others.map(otherText).join(", ")] as [string, string]] : []),
    ...matrixRows(matrix),
    ["Time zone", timezone],
  ];
}
