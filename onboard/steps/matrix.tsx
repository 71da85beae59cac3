import { Text } from "ink";
import type { Config } from "../../src/config/schema.ts";
import { localpartProblem, type MatrixLogin, matrixSection, ownersProblem, userIdProblem } from "../matrix/answer.ts";
import { checkHomeserver } from "../matrix/check-homeserver.ts";
import { checkAccessToken } from "../matrix/check-token.ts";
import { type MatrixDraft, type MatrixPlace, type MatrixStep, ownersOf, withPlace } from "../matrix/draft.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import { Question } from "./question.tsx";

interface MatrixStepProps {
  place: string;
  kind: MatrixStep["kind"];
  draft: MatrixDraft;
  existing: Config | undefined;
  onAnswer(draft: MatrixDraft): void;
  onBack(): void;
}

/** The screens about where the agent is talked to. */
export function MatrixStepScreen({ place, kind, draft, existing, onAnswer, onBack }: MatrixStepProps) {
  const ask = { place, onBack };
  const secret = secretQuestions[draft.by];
  switch (kind) {
    case "channel":
      return (
        <ChannelStep
          {...ask}
          current={draft.where}
          existing={existing}
          onAnswer={(where) => onAnswer(withPlace(draft, where, existing))}
        />
      );
    case "homeserver":
      return (
        <Question
          {...ask}
          question="Which homeserver?"
          help="Its address, such as https://matrix.example.org."
          initial={draft.homeserver}
          waiting="Asking whether it is a homeserver …"
          check={(text, signal) => checkHomeserver(text, signal)}
          onAnswer={(homeserver) => onAnswer({ ...draft, homeserver })}
        />
      );
    case "login":
      return (
        <LoginStep
          {...ask}
          current={draft.by}
          onAnswer={(by) => onAnswer({ ...draft, by, secret: by === draft.by ? draft.secret : "" })}
        />
      );
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
      return (
        <Question
          {...ask}
          {...secret}
          initial={draft.secret}
          hidden
          waiting="Asking the homeserver …"
          check={(text, signal) => {
            if (text === "") return "It is needed to log in.";
            return draft.by === "token" ? checkAccessToken(draft.homeserver, text, signal) : undefined;
          }}
          onAnswer={(typed) => onAnswer({ ...draft, secret: typed })}
        />
      );
    case "owners":
      return <OwnersStep {...ask} draft={draft} existing={existing} onAnswer={onAnswer} />;
  }
}

const secretQuestions: Record<MatrixLogin["by"], { question: string; help: string }> = {
  token: {
    question: "What is the access token of the agent's account?",
    help: "In Element: All settings, Help & About, Access Token. Take it from a login that nothing else uses.",
  },
  password: { question: "What is its password?", help: "It is used to log in, and not kept." },
  "registration-token": {
    question: "What is the registration token of the homeserver?",
    help: "Whoever runs the homeserver knows it. The account is made with a password that is kept in .env.",
  },
};

type Asked<Value> = Pick<MatrixStepProps, "place" | "onBack"> & { current: Value; onAnswer(value: Value): void };

function ChannelStep({
  place,
  current,
  existing,
  onAnswer,
  onBack,
}: Asked<MatrixPlace> & Pick<MatrixStepProps, "existing">) {
  const { section } = matrixSection(existing);
  const choices: [MatrixPlace, string, string][] = [
    ...(section ? [["kept", "Matrix, as it is set up now", section.user_id] as [MatrixPlace, string, string]] : []),
    ["here", "Matrix, on this machine", "a homeserver of your own is set up here"],
    ["elsewhere", "Matrix, on another homeserver", "there is one that gives it an account"],
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

function LoginStep({ place, current, onAnswer, onBack }: Asked<MatrixLogin["by"]>) {
  const choices: [MatrixLogin["by"], string][] = [
    ["token", "It has an account, and I have its access token"],
    ["password", "It has an account, and I have its password"],
    ["registration-token", "Make one: I have a registration token"],
  ];
  return (
    <Frame place={place} question="How does the agent get its account?" keys="↑↓ choose · Enter next · Esc back">
      <ChoiceList
        choices={choices.map(([value, label]) => ({ value, label }))}
        initial={choices.findIndex(([value]) => value === current)}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

function OwnersStep({ place, draft, existing, onAnswer, onBack }: Omit<MatrixStepProps, "kind">) {
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
