import { createSearchEngine } from "../search-engine.ts";
import { checkOf, ok, warning } from "./check.ts";

/** SearXNG answers, in JSON. */
export const searchCheck = checkOf("web search", async ({ search }, _ground, signal) => {
  if (search.searxng_url === null) return [ok("no SearXNG is set up (search.searxng_url), so the web is not searched")];
  const { results, silent } = await createSearchEngine(search.searxng_url).search(
    { text: "weather", limit: 1 },
    signal,
  );
  const { host } = new URL(search.searxng_url);
  if (results.length > 0 || silent.length === 0) return [ok(`SearXNG at ${host} answers in JSON`)];
  return [
    warning(
      `SearXNG at ${host} answers, but its engines do not: ${silent.slice(0, 3).join("; ")}`,
      "choose other engines in its settings.yml, and check that it reaches the internet",
    ),
  ];
});
