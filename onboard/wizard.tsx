import { render, useApp, useInput } from "ink";
import { useState } from "react";
import type { Answers } from "./answers.ts";
import { answersOf, draftFrom } from "./draft.ts";
import { findRunning, type RunningServer } from "./find-running.ts";
import { useOnce } from "./parts/use-once.ts";
import type { Setup } from "./setup.ts";
import { MainModelStep } from "./steps/main-model.tsx";
import { MatrixStepScreen } from "./steps/matrix.tsx";
import { NameStep } from "./steps/name.tsx";
import { SourceStepScreen } from "./steps/source.tsx";
import { SummaryStep } from "./steps/summary.tsx";
import { TimezoneStep } from "./steps/timezone.tsx";
import { WorkStep } from "./steps/work.tsx";
import { isMatrixStep, isSourceStep, placeOf, stepsFor } from "./wizard-steps.ts";

/** Does what was answered, and says what it is at. Rejects with what the owner has to mend. */
export type Work = (answers: Answers, onProgress: (sentence: string) => void, signal: AbortSignal) => Promise<void>;

/**
 * Asks one question a screen, and hands the answers to `work` when the owner has said yes to all of them. `left`: the owner
 * went before that, and nothing was done; `stopped`: in the middle of the work, which has ended.
 */
export async function runWizard(setup: Setup, work: Work): Promise<"done" | "left" | "stopped"> {
  let begun: Promise<void> | undefined;
  let isDone = false;
  const follow: Work = (...given) => {
    begun = work(...given);
    return begun;
  };
  const onDone = () => {
    isDone = true;
  };
  const app = render(<Wizard setup={setup} work={follow} onDone={onDone} />, {
    exitOnCtrlC: false,
    alternateScreen: true,
  });
  await app.waitUntilExit();
  if (isDone) return "done";
  if (!begun) return "left";
  await begun.catch(() => {});
  return "stopped";
}

export interface WizardProps {
  setup: Setup;
  work: Work;
  /** Called at the end, just before the app exits; not when the owner leaves. */
  onDone(): void;
}

export function Wizard({ setup, work, onDone }: WizardProps) {
  const { existing, modules } = setup;
  const { exit } = useApp();
  const [draft, setDraft] = useState(() => draftFrom(existing));
  const [running, setRunning] = useState<ReadonlyMap<string, RunningServer>>();
  const [index, setIndex] = useState(0);
  const [confirmed, setConfirmed] = useState<Answers>();
  useOnce((signal) => findRunning(setup, signal), setRunning);
  useInput((input, key) => {
    if (key.ctrl && input === "c") exit();
  });

  const steps = stepsFor(draft, modules);
  const step = steps[index] ?? { kind: "name" };
  const place = placeOf(index, steps);
  const goOn = (answered: typeof draft) => {
    setDraft(answered);
    setIndex(index + 1);
  };
  const onBack = () => {
    // The connection is passed through by itself: back from behind it is back to the question before it.
    const width = steps[index - 1]?.kind === "connection" ? 2 : 1;
    setIndex(Math.max(0, index - width));
  };
  // Each screen begins anew.
  const ask = { place, onBack };

  if (confirmed)
    return (
      <WorkStep
        work={(onProgress, signal) => work(confirmed, onProgress, signal)}
        onDone={() => {
          onDone();
          exit();
        }}
        onBack={() => setConfirmed(undefined)}
      />
    );
  if (isSourceStep(step))
    return <SourceStepScreen key={index} {...ask} {...{ step, draft, setup, running }} onAnswer={goOn} />;
  if (isMatrixStep(step))
    return (
      <MatrixStepScreen
        key={index}
        {...ask}
        kind={step.kind}
        draft={draft.matrix}
        setup={setup}
        onAnswer={(matrix) => goOn({ ...draft, matrix })}
      />
    );
  if (step.kind === "main")
    return (
      <MainModelStep
        key={index}
        {...ask}
        sources={draft.sources}
        current={draft.main}
        onAnswer={(main) => goOn({ ...draft, main })}
      />
    );
  if (step.kind === "timezone")
    return (
      <TimezoneStep
        key={index}
        {...ask}
        current={draft.timezone}
        now={new Date()}
        onAnswer={(timezone) => goOn({ ...draft, timezone })}
      />
    );
  const answers = answersOf(draft, existing);
  if (step.kind === "summary" && answers)
    return (
      <SummaryStep
        key={index}
        {...ask}
        answers={answers}
        isToolless={draft.sources[draft.main]?.model?.tools === false}
        onAnswer={() => setConfirmed(answers)}
      />
    );
  return <NameStep key={index} {...ask} initial={draft.name} onAnswer={(name) => goOn({ ...draft, name })} />;
}
