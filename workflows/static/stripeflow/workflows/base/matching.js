// What a search finds: every word has to be in the label, the group's name or the value, in any order.

export function wordsOf(query) {
  return query.toLowerCase().split(/[\s›|.]+/).filter(Boolean);
}

export function matches(words, ...texts) {
  const text = texts.join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

// How many of the words stand in the label as they are: "Charge ID" before "Application ID".
export function score(words, label) {
  const own = label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const whole = words.filter((word) => own.includes(word)).length;
  return whole * 100 - own.filter(Boolean).length;
}
