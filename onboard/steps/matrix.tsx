import { Text } from "ink";
import type { Config } from "../../src/config/schema.ts";
import { localpartProblem, matrixSection, ownersProblem, userIdProblem } from "../matrix/answer.ts";
import { checkHomeserver } from "../matrix/check-homeserver.ts";
import { type MatrixDraft, type MatrixPlace, type MatrixStep, ownersOf, withPlace } from "../matrix/draft.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";
import type { Setup } from "../setup.ts";
import { LoginSecretStep, LoginStep } from "./matrix-login.tsx";
import { Question } from "./question.tsx";

interface MatrixStepProps {
  place: Place;
  kind: MatrixStep["kind"];
  draft: MatrixDraft;
  setup: Pick<Setup, "existing" | "surroundings">;
  onAnswer(draft: MatrixDraft): void;
  onBack(): void;
}

/** The screens about where the agent is talked to. */
export function MatrixStepScreen({ place, kind, draft, setup, onAnswer, onBack }: MatrixStepProps) {
  const { existing, surroundings } = setup;
  const ask = { place, onBack };
  switch (kind) {
    case "channel":
      return (
        <ChannelStep
          {...ask}
          current={draft.where}
          existing={existing}
          isBeside={surroundings.homeserver !== undefined}
          onAnswer={(where) => onAnswer(withPlace(draft, where, existing))}
        />
      );
    case "homeserver":
      return (
        <Question
          {...ask}
          question="Which homeserver?"
          help="Its address, such as https://matrix.example.org. It is the part behind the colon of your own id, often with matrix. before it."
          initial={draft.homeserver}
          waiting="Asking whether it is a homeserver …"
          check={(text, signal) => checkHomeserver(withScheme(text), surroundings, signal)}
          onAnswer={(homeserver) => onAnswer({ ...draft, homeserver: withScheme(homeserver) })}
        />
      );
    case "login":
      return <LoginStep {...ask} draft={draft} onAnswer={onAnswer} />;
    case "user-id":
      return (
        <Question
          {...ask}
          question="Which account is the agent's?"
          help="Its full id, such as @memtrix:example.org. It is not yours: the agent needs one of its own."
          initial={draft.userId}
          check={userIdProblem}
          onAnswer={(userId) => onAnswer({ ...draft, userId })}
        />
      );
    case "login-secret":
      return <LoginSecretStep {...ask} draft={draft} onAnswer={onAnswer} />;
    case "owners":
      return <OwnersStep {...ask} draft={draft} existing={existing} onAnswer={onAnswer} />;
  }
}

type ChannelStepProps = Pick<MatrixStepProps, "place" | "onBack"> & {
  current: MatrixPlace;
  existing: Config | undefined;
  /** A homeserver stands beside the program. */
  isBeside: boolean;
  onAnswer(where: MatrixPlace): void;
};

function ChannelStep({ place, current, existing, isBeside, onAnswer, onBack }: ChannelStepProps) {
  const { section } = matrixSection(existing);
  const choices: [MatrixPlace, string, string][] = [
    ...(section ? [["kept", "Matrix, as it is set up now", section.user_id] as [MatrixPlace, string, string]] : []),
    [
      "here",
      "Matrix, on this machine",
      isBeside ? "on the homeserver beside it" : "a homeserver of your own is set up",
    ],
    ["elsewhere", "Matrix, on another homeserver", "where it has an account, or gets one"],
    ["none", "This terminal only", "you can add Matrix later"],
  ];
  return (
    <Frame
      place={place}
      question="Where will you talk to it?"
      help="Matrix is an open network for chats: you write from the app Element, on a computer or a phone."
      keys="↑↓ choose · Enter next · Esc back"
    >
      <ChoiceList
        choices={choices.map(([value, label, detail]) => ({ value, label, detail: <Text dimColor>{detail}</Text> }))}
        initial={choices.findIndex(([value]) => value === current)}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

type OwnersStepProps = Pick<MatrixStepProps, "place" | "draft" | "onAnswer" | "onBack"> & Pick<Setup, "existing">;

function OwnersStep({ place, draft, existing, onAnswer, onBack }: OwnersStepProps) {
  const isHere = draft.where === "here";
  const agent = draft.where === "kept" ? matrixSection(existing).section?.user_id : draft.userId || undefined;
  return (
    <Question
      place={place}
      question={isHere ? "What shall your own account be called?" : "Who are its owners?"}
      help={
        isHere
          ? "A short name, such as ada. You will be told its password at the end."
          : "Full ids, such as @ada:example.org, with commas between. Owners may do all; others are not answered."
      }
      initial={draft.owners}
      check={(text) => (isHere ? localpartProblem(text) : ownersProblem(ownersOf({ owners: text }), agent))}
      onAnswer={(owners) => onAnswer({ ...draft, owners })}
      onBack={onBack}
    />
  );
}

/** People leave it out. */
function withScheme(address: string): string {
  return /^[a-z]+:\/\//i.test(address) ? address : `https://${address}`;
}
