import { useEffect, useState } from "react";
import { messageOf } from "../../src/errors.ts";
import type { Provider } from "../../src/provider.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";

interface FetchModelProps {
  place: string;
  section: string;
  provider: Provider;
  id: string;
  onFetched(): void;
  onBack(): void;
}

/** Asks whether a missing model shall be fetched, and shows how far that is. Going back ends the fetching. */
export function FetchModel({ place, section, provider, id, onFetched, onBack }: FetchModelProps) {
  const [fetching, setFetching] = useState(false);
  const [progress, setProgress] = useState({ done: 0, text: "" });
  const [problem, setProblem] = useState<string>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins when the owner says yes, once
  useEffect(() => {
    if (!fetching) return;
    const leaving = new AbortController();
    const onProgress = (done: number, text: string) => setProgress({ done, text });
    provider.pullModel?.(id, onProgress, leaving.signal).then(
      () => leaving.signal.aborted || onFetched(),
      (error) => {
        if (leaving.signal.aborted) return;
        setProblem(messageOf(error));
        setFetching(false);
      },
    );
    return () => leaving.abort();
  }, [fetching]);

  const begin = () => {
    setProblem(undefined);
    setFetching(true);
  };
  return (
    <Frame
      place={place}
      question={fetching ? `Fetching ${id}` : `${section} does not have ${id}. Fetch it now?`}
      help="A model is some gigabytes; what has come so far is kept when you go back."
      problem={problem}
      keys={fetching ? "Esc back" : "↑↓ choose · Enter · Esc back"}
    >
      {fetching && <ProgressBar done={progress.done}>{progress.text}</ProgressBar>}
      <ChoiceList
        key={String(fetching)}
        choices={
          fetching
            ? []
            : [
                { value: begin, label: "Yes, fetch it" },
                { value: onBack, label: "No, choose another" },
              ]
        }
        empty=""
        onChoose={(choice) => choice()}
        onBack={onBack}
      />
    </Frame>
  );
}
