import type { ModelInfo } from "../src/provider.ts";

/** What is known of a model, in a few words: `128k · tools · vision · $0.15/$0.60`. */
export function modelDetail({ contextTokens, tools, vision, thinking, price }: ModelInfo): string {
  return [
    contextTokens && tokensText(contextTokens),
    tools && "tools",
    vision && "vision",
    thinking && "thinking",
    price && priceText(price),
  ]
    .filter(Boolean)
    .join(" · ");
}

function tokensText(tokens: number): string {
  // 131,072 is what everybody calls 128k.
  const thousand = tokens % 1024 === 0 ? 1024 : 1000;
  const thousands = tokens / thousand;
  return thousands >= 1000 ? `${Math.round(thousands / (thousand / 10)) / 10}M` : `${Math.round(thousands)}k`;
}

/** US dollars for a million tokens in and out. */
function priceText({ input, output }: { input: number; output: number }): string {
  return input === 0 && output === 0 ? "free" : `$${round(input)}/$${round(output)}`;
}

function round(dollars: number): string {
  return String(Number(dollars.toPrecision(2)));
}
