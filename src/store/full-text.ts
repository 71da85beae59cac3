/** Words that say nothing about what is looked for. */
const stopwords = new Set(
  `a about again all also am an and any are aren as at be been being but by can could couldn d did didn do does doesn
  doing don for from had hadn has hasn have haven having he her hers him his how i if in into is isn it its just let ll m
  me more most my no not now of on once only or other our ours out over own re s same she should shouldn so some such t
  than that the their theirs them then there these they this those through to too under until up us ve very was wasn we
  were weren what when where which while who whom why will with won would wouldn you your yours`.split(/\s+/),
);

/** The words of `text` that are worth looking for, lower case, each once. All of them when none is. */
export function searchTerms(text: string): string[] {
  const words = [
    ...new Set(
      text
        .normalize("NFC")
        .toLowerCase()
        .match(/[\p{L}\p{M}\p{N}_]+/gu),
    ),
  ];
  const telling = words.filter((word) => !stopwords.has(word));
  return telling.length > 0 ? telling : words;
}

/** A whole page as a query would hold up the program, and find everything. */
const mostTerms = 100;

/** An FTS5 query that finds any of the terms; undefined when there is none. */
export function matchAny(text: string): string | undefined {
  const terms = searchTerms(text)
    .slice(0, mostTerms)
    .map((term) => `"${term}"`);
  return terms.length > 0 ? terms.join(" OR ") : undefined;
}
