import { useState } from "react";
import { messageOf } from "../../src/errors.ts";
import type { Provider } from "../../src/provider.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { useOnce } from "../parts/use-once.ts";

interface FetchModelProps {
  place: Place;
  section: string;
  provider: Provider;
  id: string;
  onFetched(): void;
  onBack(): void;
}

const help =
  "A model is some gigabytes. You may leave it with Esc: what has come so far is kept, and it goes on from there.";

/** Asks whether a missing model shall be fetched, and shows how far that is. Going back ends the fetching. */
export function FetchModel({ place, section, provider, id, onFetched, onBack }: FetchModelProps) {
  const [state, setState] = useState<{ fetching: boolean; problem?: string }>({ fetching: false });
  const begin = () => setState({ fetching: true });
  if (state.fetching)
    return (
      <Fetching
        {...{ place, provider, id, onFetched }}
        onProblem={(problem) => setState({ fetching: false, problem })}
        onBack={() => setState({ fetching: false })}
      />
    );
  return (
    <Frame
      place={place}
      question={`${section} does not have ${id}. Fetch it now?`}
      help={help}
      problem={state.problem}
      keys="↑↓ choose · Enter · Esc back"
    >
      <ChoiceList
        choices={[
          { value: begin, label: state.problem ? "Try again" : "Yes, fetch it" },
          { value: onBack, label: "No, choose another" },
        ]}
        onChoose={(choice) => choice()}
        onBack={onBack}
      />
    </Frame>
  );
}

type FetchingProps = Pick<FetchModelProps, "place" | "provider" | "id" | "onFetched" | "onBack"> & {
  onProblem(sentence: string): void;
};

function Fetching({ place, provider, id, onFetched, onProblem, onBack }: FetchingProps) {
  const [progress, setProgress] = useState({ done: 0, text: "asking for it" });
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  useOnce(
    async (signal) => {
      const onProgress = (done: number, text: string) => setProgress({ done, text });
      return provider.pullModel?.(id, onProgress, signal).then(() => undefined, messageOf);
    },
    (problem) => (problem === undefined ? onFetched() : onProblem(problem)),
  );
  return (
    <Frame place={place} question={`Fetching ${id}`} help={help} keys="Esc stop">
      <ProgressBar done={progress.done}>{progress.text}</ProgressBar>
    </Frame>
  );
}
