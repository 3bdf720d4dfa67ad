// Whether a key belongs to an input method, which puts a word together from several: its Enter takes the word, and
// its Escape and arrows are its own. Safari ends the composition before that Enter, which bears this code alone.
const OF_AN_INPUT_METHOD = 229;

export function isComposing(event) {
  return event.isComposing || event.keyCode === OF_AN_INPUT_METHOD;
}
