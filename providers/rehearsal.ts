import { z } from "zod";
import { defineProvider, type ModelInfo } from "../src/provider.ts";
import { createRehearsalModel } from "./_rehearsal-model.ts";

const model: ModelInfo = { id: "rehearsal", contextTokens: 16_384, tools: true, vision: false, thinking: false };

export default defineProvider({
  name: "rehearsal",
  description: "A few rules instead of a model, for trying the program where there is none",
  settings: z.strictObject({}),
  create: () => ({
    notice: "(A rehearsal: rules answer, not a model. `memtrix onboard` chooses a real one.)",
    languageModel: createRehearsalModel,
    listModels: async () => [model],
    async describeModel(id) {
      if (id !== model.id)
        throw new Error(`The rehearsal provider has one model, \`${model.id}\`; there is no \`${id}\`.`);
      return model;
    },
  }),
});
