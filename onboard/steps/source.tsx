import { settingProblem } from "../connection.ts";
import { currentSetting, type Draft, withModel, withMore, withProvider, withSetting, withSource } from "../draft.ts";
import { type RunningServer, usualSettings } from "../find-running.ts";
import type { Place } from "../parts/frame.tsx";
import type { Setup } from "../setup.ts";
import type { SourceStep } from "../wizard-steps.ts";
import { ConnectionStep } from "./connection.tsx";
import { ContextTokensStep } from "./context-tokens.tsx";
import { ModelStep } from "./model.tsx";
import { MoreStep } from "./more.tsx";
import { ProviderStep } from "./provider.tsx";
import { ProviderFieldStep } from "./provider-field.tsx";

interface SourceStepProps {
  place: Place;
  step: SourceStep;
  draft: Draft;
  setup: Setup;
  running: ReadonlyMap<string, RunningServer> | undefined;
  onAnswer(draft: Draft): void;
  onBack(): void;
}

/** The screens about a model and where it comes from. */
export function SourceStepScreen({ place, step, draft, setup, running, ...props }: SourceStepProps) {
  const { existing, modules } = setup;
  const source = draft.sources[step.source] ?? { ready: false };
  const { provider, connection, model } = source;
  const ask = { place, onBack: props.onBack };
  const answer = (changed: typeof source) => props.onAnswer(withSource(draft, step.source, changed));

  if (step.kind === "field" && provider) {
    const { field } = step;
    const module = modules.get(provider.type);
    const current = currentSetting(source, field, setup);
    return (
      <ProviderFieldStep
        {...ask}
        section={provider.section}
        field={field}
        current={current}
        usual={module && usualSettings(module, setup.surroundings)[field.name]}
        check={(value) => module && settingProblem(module, field.name, value)}
        onAnswer={(value) => answer(withSetting(source, field, value, current))}
      />
    );
  }
  if (step.kind === "connection" && provider)
    return (
      <ConnectionStep
        {...ask}
        provider={provider}
        tools={setup}
        onConnected={(connected) => answer({ ...source, connection: connected })}
      />
    );
  if (step.kind === "model" && provider && connection)
    return (
      <ModelStep
        {...ask}
        section={provider.section}
        provider={connection.provider}
        models={connection.models}
        taken={draft.sources
          .slice(0, step.source)
          .flatMap((each) => (each.model && each.provider?.section === provider.section ? each.model.id : []))}
        current={model?.id}
        onAnswer={(chosen) => answer(withModel(source, chosen))}
      />
    );
  if (step.kind === "context" && model)
    return (
      <ContextTokensStep
        {...ask}
        model={model}
        current={source.contextTokens}
        onAnswer={(contextTokens) => answer({ ...source, contextTokens })}
      />
    );
  if (step.kind === "more")
    return (
      <MoreStep
        {...ask}
        sources={draft.sources.slice(0, step.source + 1)}
        existing={existing}
        more={draft.sources.length > step.source + 1}
        onAnswer={(more) => props.onAnswer(withMore(draft, step.source, more))}
      />
    );
  return (
    <ProviderStep
      {...ask}
      setup={setup}
      earlier={draft.sources.slice(0, step.source).flatMap((each) => each.provider ?? [])}
      current={provider && { section: provider.section, ready: source.ready }}
      running={running}
      onAnswer={(choice) => answer(withProvider(source, choice))}
    />
  );
}
