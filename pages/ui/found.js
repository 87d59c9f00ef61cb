// Shows where in a conversation something was found: its message lights up for a moment, and the words looked for stay marked.

const FOUND = "found"; // ::highlight of style.css
const LIT_MS = 2500;
const LIGHT = "color-mix(in srgb, currentColor 10%, transparent)";
const BLOCKS = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6";

// The message, or where it is not one by itself, the turn; nothing as long as that is not drawn.
function placeFound({ turn, message }) {
  const drawn = document.querySelector(`.st-key-${turn}`);
  return drawn?.querySelectorAll('[data-testid="stChatMessage"]')[message] ?? drawn;
}

function light(element) {
  element.animate([{ backgroundColor: LIGHT, offset: 0 }, { backgroundColor: LIGHT, offset: 0.5 }], LIT_MS);
}

// Marks what was looked for in an element, without a change to what React has drawn. Returns where most of it stands together.
function markWords(element, words) {
  const ranges = words ? rangesOf(element, patternOf(words)) : [];
  if (window.Highlight) CSS.highlights.set(FOUND, new Highlight(...ranges));
  const together = new Map();
  for (const range of ranges) {
    const block = range.startContainer.parentElement.closest(BLOCKS);
    together.set(block, (together.get(block) ?? new Set()).add(folded(range.toString())));
  }
  const most = Math.max(...[...together.values()].map((said) => said.size));
  return ranges.find((range) => together.get(range.startContainer.parentElement.closest(BLOCKS)).size === most);
}

function unmarkWords() {
  if (window.Highlight) CSS.highlights.delete(FOUND);
}

// As the search understands words: neither case nor accents matter, and the last may be the beginning of one.
function patternOf(words) {
  const each = folded(words).match(/[\p{L}\p{N}]+/gu) ?? [];
  const whole = each.slice(0, -1).map((word) => `${word}(?![\\p{L}\\p{N}])`);
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${[...whole, ...each.slice(-1)].join("|")})`, "gu");
}

// As long as before, so that a place in one is the place in the other.
function folded(text) {
  return text.replace(/./gsu, (letter) => letter.normalize("NFD").toLowerCase().padEnd(letter.length).slice(0, letter.length));
}

function rangesOf(element, pattern) {
  const ranges = [];
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const { index, 0: found } of folded(texts.currentNode.data).matchAll(pattern)) {
      if (!found) continue;
      const range = new Range();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + found.length);
      ranges.push(range);
    }
  }
  return ranges;
}

