// Keeps what is typed into the prompt box in this browser, one text for each conversation, and puts it back after a reload.
//
// A draft goes when the server has taken its prompt, which a page drawn again with an empty box says: a prompt that got lost is still there.

const NAME = "roundtable/draft/";
const BOX = '[data-testid="stChatInputTextArea"]';
const TRIES = 120; // frames in which the box may still come
const shown = new WeakMap(); // which place's text a box holds
const early = new WeakSet(); // boxes typed into while the next page was on its way, which the text may be for
let putBack = ""; // what came back from the server last
let forgotten = 0; // how many of what this tab has deleted
let now = null; // what the server drew last

document.addEventListener("input", (event) => event.target.matches?.(BOX) && now && typed(event.target), true);

function typed(box) {
  if (document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning") early.delete(box);
  else early.add(box);
  keep(shown.get(box) ?? now.place, box.value);
}

function keep(place, text) {
  try {
    if (text.trim()) localStorage.setItem(NAME + place, text);
    else localStorage.removeItem(NAME + place);
  } catch {
    // A browser without room or leave to keep anything goes without drafts.
  }
}

function kept(place) {
  try {
    return localStorage.getItem(NAME + place) ?? "";
  } catch {
    return "";
  }
}

// React takes a value as typed only when it comes by the element's own setter and with an event.
function fill(box, text) {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function arrive(box, before) {
  const { place } = now;
  const left = shown.get(box) ?? before?.place;
  const isSent = before && hasSent(before) && now.sent.place === left; // what is in the box has been typed since
  shown.set(box, place);
  const isAnother = left && left !== place && !isSent;
  if (isAnother && early.has(box)) keep(left, "");
  const isOfAnother = isAnother && !early.has(box) && box.value === kept(left);
  if (!box.value || isOfAnother) fill(box, kept(place));
  else keep(place, box.value);
  early.delete(box);
}

function hasSent(before) {
  return now.sent.number !== before.sent.number;
}

function update(before, tries = TRIES) {
  const box = document.querySelector(BOX);
  if (!box) {
    if (tries) requestAnimationFrame(() => update(before, tries - 1));
    return;
  }
  if (before && hasSent(before)) keep(now.sent.place, ""); // it went with its prompt
  if (shown.get(box) !== now.place) arrive(box, before);
  else keep(now.place, box.value);
  const { id, place, text } = now.put_back;
  if (id === putBack) return;
  putBack = id;
  if (id && place === now.place) fill(box, text);
  else if (id) keep(place, text);
}

// What was deleted leaves nothing behind here either.
function forget(places) {
  try {
    for (const name of Object.keys(localStorage)) if (places.some((place) => name.startsWith(NAME + place))) localStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

export default function ({ data: [data] }) {
  if (data.deleted) {
    forget(data.deleted.slice(forgotten));
    forgotten = data.deleted.length; // what has been typed since is another draft, at the same place perhaps
    return;
  }
  const before = now;
  now = data;
  update(before);
}
