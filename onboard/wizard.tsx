import { render, useApp, useInput } from "ink";
import { useEffect, useState } from "react";
import type { Answers } from "./answers.ts";
import { settingProblem } from "./connection.ts";
import { answersOf, currentSetting, type Draft, draftFrom, withModel, withProvider, withSetting } from "./draft.ts";
import { findRunning } from "./find-running.ts";
import type { Setup } from "./setup.ts";
import { ConnectionStep } from "./steps/connection.tsx";
import { ContextTokensStep } from "./steps/context-tokens.tsx";
import { MatrixStepScreen } from "./steps/matrix.tsx";
import { ModelStep } from "./steps/model.tsx";
import { NameStep } from "./steps/name.tsx";
import { ProviderStep } from "./steps/provider.tsx";
import { ProviderFieldStep } from "./steps/provider-field.tsx";
import { SummaryStep } from "./steps/summary.tsx";
import { TimezoneStep } from "./steps/timezone.tsx";
import { isMatrixStep, stepsFor } from "./wizard-steps.ts";

/** Asks one question a screen; writes nothing. Undefined when the owner leaves. */
export async function askAnswers(setup: Setup): Promise<Answers | undefined> {
  let answers: Answers | undefined;
  const take = (taken: Answers) => {
    answers = taken;
  };
  const app = render(<Wizard setup={setup} onAnswers={take} />, { exitOnCtrlC: false, alternateScreen: true });
  await app.waitUntilExit();
  return answers;
}

export interface WizardProps {
  setup: Setup;
  /** Called at the end, just before the app exits; not when the owner leaves. */
  onAnswers(answers: Answers): void;
}

export function Wizard({ setup, onAnswers }: WizardProps) {
  const { existing, modules } = setup;
  const { exit } = useApp();
  const [draft, setDraft] = useState(() => draftFrom(existing));
  const [running, setRunning] = useState<ReadonlyMap<string, number>>();
  const [index, setIndex] = useState(0);

  const { provider, connection, model } = draft;
  const module = provider && modules.get(provider.type);
  const steps = stepsFor(module, draft.ready, draft.matrix);
  const step = steps[index];
  const goOn = (answered: Draft) => {
    setDraft(answered);
    setIndex(index + 1);
  };
  const onBack = () => {
    // The connection is passed through by itself: back from behind it is back to the question before it.
    const width = steps[index - 1]?.kind === "connection" ? 2 : 1;
    setIndex(Math.max(0, index - width));
  };

  useInput((input, key) => {
    if (key.ctrl && input === "c") exit();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: one look, when the wizard opens
  useEffect(() => {
    const leaving = new AbortController();
    void findRunning(setup, leaving.signal).then((found) => leaving.signal.aborted || setRunning(found));
    return () => leaving.abort();
  }, []);

  const place = `${index + 1} of ${steps.length}`;
  if (step?.kind === "provider")
    return (
      <ProviderStep
        place={place}
        existing={existing}
        current={provider?.section}
        modules={modules}
        running={running}
        onAnswer={(choice) => goOn(withProvider(draft, choice, existing))}
        onBack={onBack}
      />
    );
  if (step?.kind === "field" && provider && module) {
    const current = currentSetting(draft, step.field, setup);
    return (
      <ProviderFieldStep
        key={step.field.name}
        place={place}
        section={provider.section}
        field={step.field}
        current={current}
        check={(value) => settingProblem(module, step.field.name, value)}
        onAnswer={(value) => goOn(withSetting(draft, step.field, value, current))}
        onBack={onBack}
      />
    );
  }
  if (step?.kind === "connection" && provider)
    return (
      <ConnectionStep
        place={place}
        provider={provider}
        tools={setup}
        onConnected={(connected) => goOn({ ...draft, connection: connected })}
        onBack={onBack}
      />
    );
  if (step?.kind === "model" && provider && connection)
    return (
      <ModelStep
        place={place}
        section={provider.section}
        provider={connection.provider}
        models={connection.models}
        current={model?.id}
        onAnswer={(chosen) => goOn(withModel(draft, chosen))}
        onBack={onBack}
      />
    );
  if (step?.kind === "context" && model)
    return (
      <ContextTokensStep
        place={place}
        model={model}
        current={draft.contextTokens}
        onAnswer={(contextTokens) => goOn({ ...draft, contextTokens })}
        onBack={onBack}
      />
    );
  if (step?.kind === "timezone")
    return (
      <TimezoneStep
        place={place}
        current={draft.timezone}
        now={new Date()}
        onAnswer={(timezone) => goOn({ ...draft, timezone })}
        onBack={onBack}
      />
    );
  if (step && isMatrixStep(step))
    return (
      <MatrixStepScreen
        key={step.kind}
        place={place}
        kind={step.kind}
        draft={draft.matrix}
        existing={existing}
        onAnswer={(matrix) => goOn({ ...draft, matrix })}
        onBack={onBack}
      />
    );
  const answers = answersOf(draft, existing);
  if (step?.kind === "summary" && answers)
    return (
      <SummaryStep
        place={place}
        answers={answers}
        warning={model?.tools === false ? `${model.id} cannot call tools: it can only talk.` : undefined}
        onAnswer={() => {
          onAnswers(answers);
          exit();
        }}
        onBack={onBack}
      />
    );
  return <NameStep place={place} initial={draft.name} onAnswer={(name) => goOn({ ...draft, name })} />;
}
