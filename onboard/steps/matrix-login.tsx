import { useRef } from "react";
import type { MatrixLogin } from "../matrix/answer.ts";
import { checkLogin } from "../matrix/check-login.ts";
import type { MatrixDraft } from "../matrix/draft.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";
import { Question } from "./question.tsx";

interface MatrixLoginProps {
  place: Place;
  draft: MatrixDraft;
  onAnswer(draft: MatrixDraft): void;
  onBack(): void;
}

export function LoginStep({ place, draft, onAnswer, onBack }: MatrixLoginProps) {
  const choices: [MatrixLogin["by"], string][] = [
    ["token", "It has an account, and I have its access token"],
    ["password", "It has an account, and I have its password"],
    ["registration-token", "Make one: I have a registration token"],
  ];
  return (
    <Frame
      place={place}
      question="How does the agent get its account?"
      help="It needs one of its own, beside yours."
      keys="↑↓ choose · Enter next · Esc back"
    >
      <ChoiceList
        choices={choices.map(([value, label]) => ({ value, label }))}
        initial={choices.findIndex(([value]) => value === draft.by)}
        onChoose={(by) => onAnswer({ ...draft, by, secret: by === draft.by ? draft.secret : "" })}
        onBack={onBack}
      />
    </Frame>
  );
}

/** The token or password of the login, which is tried at once. */
export function LoginSecretStep({ place, draft, onAnswer, onBack }: MatrixLoginProps) {
  const userId = useRef(draft.userId);
  return (
    <Question
      {...{ place, onBack, ...questions[draft.by] }}
      initial={draft.secret}
      hidden
      waiting="Asking the homeserver …"
      check={async (typed, signal) => {
        const login = await checkLogin(draft, typed, signal);
        if (login.problem === undefined) userId.current = login.userId;
        return login.problem;
      }}
      onAnswer={(secret) => onAnswer({ ...draft, secret, userId: userId.current })}
    />
  );
}

const questions: Record<MatrixLogin["by"], { question: string; help: string }> = {
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
