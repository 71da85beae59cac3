/**
 * Words of greeting, thanks, consent and mood. A message that has nothing else in it speaks of nothing that could be
 * remembered, so it is not even looked for. English only, and a short cut: the floor of relevance keeps small talk out
 * without it as well.
 */
const words = new Set(
  `absolutely afternoon agree agreed ah aha ahh alright amazing amen anytime anyway aww awesome awful awesome bad
  beautiful best bet better bless bored boring brb bro btw bye care cheer cheers chill congrats congratulations cool
  correct course crazy cute day days dear definitely delicious done dude dunno easy enjoy enough evening exactly
  excellent excited exciting fair fantastic feel feeling fine fingers funny glad gm gn god goodbye goodnight good
  gorgeous gosh gotcha gonna gotta got great guess ha haha hahaha happy hear hehe hello help helpful hey heya hi
  hilarious hiya hmm hmmm hope hopefully hug hugs huh hungry hurray idk impressive indeed interesting joke joking
  kidding kind kinda know lately later laugh like likewise listening lmao lol long looking lot lots love lovely luck
  lucky make makes mate maybe mean meh mhm min mind moment moring morning much nah need never new nice night nope
  nothing noted oh ok okay okie omg ooh oops opinion ouch perfect perhaps please pleased pleasure point pretty
  probably proud quick quite rain raining ready real really relax rest right rough sad say sec see seem seems
  seriously shame sick silly sleep sleepy sorry sound sounds speak still stop stuff stupid super sunny sup sure
  surely sweet take talk tell thank thanks thankfully thats thing things think thought thx tired today tomorrow
  tonight top totally true try trying ty ugh understand understood use usual vibe wait wanna want warm way week
  weekend welcome well whatever whoa wild wish wonderful wondering work works worries worry wow wrong ya yay yeah
  yep yes yesterday yet yo yummy yup going go went busy bit back ago ask chat come coming cold hot long last next
  time times tough hard let made sense side sort thinking up guys everybody everyone sir fun laughing nap early late`.split(
    /\s+/,
  ),
);

/** What is left of a message without small talk. */
export function withoutSmallTalk(text: string): string {
  const left = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_'’]+/gu) ?? [];
  return left
    .map((word) => word.replace(/['’].*$/, ""))
    .filter((word) => !words.has(word) && !/^(ha|he|lo)+l?$|^(.)\2+$|^(so|ye|he|hm|a)+(.)\3*$/.test(word))
    .join(" ");
}

/** True when it asks for something that is to be known: then less of it must be found. */
export function isQuestion(text: string): boolean {
  return /\?|^\s*(?:what|when|where|who|whom|whose|which|why|how|did|do|does|was|were|is|are|remind|remember)\b|^\s*(?:wer|wem|wen|wessen|wann|wo|woher|wohin|wie|warum|wieso|welche[mnrs]?)\b/i.test(
    text,
  );
}
