import { Text } from "ink";
import { ChoiceList } from "./choice-list.tsx";
import { Problem } from "./problem.tsx";

interface TryAgainProps {
  problem: string;
  onAgain(): void;
  onBack(): void;
}

/** What is wrong, and the two ways on from there. */
export function TryAgain({ problem, onAgain, onBack }: TryAgainProps) {
  return (
    <>
      <Problem>{problem}</Problem>
      <Text> </Text>
      <ChoiceList
        choices={[
          { value: onAgain, label: "Try again" },
          { value: onBack, label: "Change the answers" },
        ]}
        onChoose={(choice) => choice()}
        onBack={onBack}
      />
    </>
  );
}
