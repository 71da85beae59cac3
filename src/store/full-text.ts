/** Words that say nothing about what is looked for. */
const stopwords = new Set(
  `a about again all also am an and any are as at be been being but by can could did do does doing for from had has have
  having he her hers him his how i if in into is it its just let me more most my no not now of on once only or other our
  ours out over own s same she should so some such t than that the their theirs them then there these they this those
  through to too under until up us very was we were what when where which while who whom why will with would you your
  yours`.split(/\s+/),
);

/** The words of `text` that are worth looking for, lower case, each once. All of them when none is. */
export function searchTerms(text: string): string[] {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu))];
  const telling = words.filter((word) => !stopwords.has(word));
  return telling.length > 0 ? telling : words;
}

/** An FTS5 query that finds any of the terms; undefined when there is none. */
export function matchAny(text: string): string | undefined {
  const terms = searchTerms(text).map((term) => `"${term}"`);
  return terms.length > 0 ? terms.join(" OR ") : undefined;
}
