import { Box, Text } from "ink";
import type { Answers, ProviderAnswer, SourceAnswer } from "../answers.ts";
import { settingText } from "../fields.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { warning } from "../parts/colors.ts";
import { Frame, type Place } from "../parts/frame.tsx";

interface SummaryStepProps {
  place: Place;
  answers: Answers;
  /** The model cannot call tools. */
  isToolless: boolean;
  onAnswer(): void;
  onBack(): void;
}

/** All answers in as few rows as a small terminal has. */
export function SummaryStep({ place, answers, isToolless, onAnswer, onBack }: SummaryStepProps) {
  return (
    <Frame
      place={place}
      question="Is this right?"
      help="Nothing has been written yet. Yes does it all."
      keys="↑↓ choose · Enter · Esc back"
    >
      {rowsFor(answers).map(([name, value]) => (
        <Box key={name}>
          <Box width={14} flexShrink={0}>
            <Text dimColor>{name}</Text>
          </Box>
          <Text wrap="truncate-middle">{value}</Text>
          {name === "Model" && isToolless && (
            <Box flexShrink={0} marginLeft={2}>
              <Text {...warning()}>! cannot call tools</Text>
            </Box>
          )}
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

type Row = [name: string, value: string];

function rowsFor({ name, provider, model, others, matrix, timezone }: Answers): Row[] {
  return [
    ["Name", name],
    ["Models from", providerText(provider)],
    ["Model", `${model.id}, holding ${model.contextTokens.toLocaleString("en")} tokens in mind`],
    ...(others.length > 0 ? [["Others", others.map(otherText).join(", ")] as Row] : []),
    ...matrixRows(matrix),
    ["Time zone", timezone],
  ];
}

/** Secrets are told of by name only. */
function providerText({ section, type, settings, secrets }: ProviderAnswer): string {
  const isSecret = (value: unknown) => typeof value === "string" && value.startsWith("$");
  const known = Object.entries(settings).map(([key, value]) =>
    isSecret(value) ? `${key} as kept in .env` : settingText(value),
  );
  const typed = Object.keys(secrets).map((key) => `${key} (goes into .env)`);
  return [section === type ? type : `${section} (${type})`, ...known, ...typed].join(", ");
}

function otherText({ provider, model }: SourceAnswer): string {
  return `${model.id} (${provider.section})`;
}

function matrixRows(matrix: Answers["matrix"]): Row[] {
  if (!matrix) return [["Talks", "in this terminal"]];
  if (matrix.kind === "here")
    return [
      ["Talks", "on Matrix, on a homeserver of your own"],
      ["Your account", `@${matrix.owner}, made with a password that you will be told`],
    ];
  const owners: Row = ["Owners", matrix.owners.join(", ")];
  if (matrix.kind === "kept") return [["Talks", "on Matrix, as it is set up now"], owners];
  const { homeserver, login } = matrix;
  const made = login.by === "registration-token" ? " (is made)" : "";
  return [["Talks", `on Matrix, as ${login.userId}${made} at ${homeserver}`], owners];
}
