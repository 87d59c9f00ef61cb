// Keys, each pressed alone, for what the page's own buttons and links do; Streamlit keeps C and R for itself and takes no punctuation.
// They rest while one types, while anything is open over the page, and where the person has switched them off.

const PATIENCE_MS = 5000;
const TWICE_MS = 600;
const NARROW_PX = 768; // Streamlit's own
const LINKS = ".st-key-conversations a";
const LISTED = `${LINKS}[href*="conversation="]:not([href*="&at="])`; // neither what was found in one, nor the way to all of them
const SEARCH = ".st-key-find";
const CHOSEN = `${LINKS}, .st-key-new_conversation button, .st-key-search_all button`;
const OPEN = ".st-key-conversation_open a";

const KEYS = [
  ["?", "This sheet", () => open()],
  ["/", "To the prompt box", () => reach('[data-testid="stChatInputTextArea"]')],
  ["n", "New conversation", () => press(".st-key-new_conversation button")],
  ["s", "Search conversations", () => search()],
  ["j", "Next conversation in the list", () => step(1)],
  ["k", "The one before it", () => step(-1)],
  ["y", "Copy the last answer", () => press(".st-key-actions_last .st-key-copy button")],
  ["e", "Edit the last prompt", () => press(".st-key-actions_last .st-key-edit button")],
];
const STOP = ["Esc Esc", "Stop the answer"];

function press(selector) {
  const found = document.querySelector(`${selector}:not(:disabled)`);
  found?.click();
  return found !== null;
}

// What is not there yet comes with the page that was just asked for.
function reach(selector, until = performance.now() + PATIENCE_MS) {
  const found = document.querySelector(selector);
  if (found) found.focus();
  else if (performance.now() < until) requestAnimationFrame(() => reach(selector, until));
}

function search() {
  press('[data-testid="stExpandSidebarButton"]');
  reach(`${SEARCH} input`);
}

// On a narrow screen the sidebar lies over the page, and Streamlit closes it for another page only: not at once, and not for another conversation.
document.addEventListener("click", ({ target }) => {
  const isOver = innerWidth <= NARROW_PX && document.querySelector('[data-testid="stSidebar"][aria-expanded="true"]');
  if (isOver && target.closest?.(CHOSEN)) press('[data-testid="stSidebarCollapseButton"] button');
});

function step(by) {
  const links = [...document.querySelectorAll(LISTED)];
  const here = links.indexOf(document.querySelector(OPEN));
  links[here < 0 ? (by > 0 ? 0 : -1) : here + by]?.click();
}

function kept(name) {
  try {
    return localStorage.getItem(`roundtable/${name}`);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`roundtable/${name}`, value);
  } catch {
    // A browser without leave to keep anything has it as it was with the next page.
  }
}

function isTyping(target) {
  return target.isContentEditable || target.matches?.("input, textarea, select, [role=textbox], [role=combobox], [role=listbox], [role=slider]");
}

function isCovered() {
  return document.querySelector('dialog[open], [role="dialog"], [data-baseweb="popover"], [data-baseweb="menu"]') !== null;
}

let escaped = -Infinity;

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.key === "Escape") return onEscape(event.composedPath()[0]);
  if (event.defaultPrevented || kept("shortcuts") === "off" || isTyping(event.composedPath()[0]) || isCovered()) return;
  const found = KEYS.find(([key]) => key === event.key);
  if (!found) return;
  event.preventDefault(); // or "/" would be typed into the box it leads to
  found[2]();
}

function onEscape(target) {
  if (target.closest?.(SEARCH) && press(`${SEARCH} [data-testid="stTextInputClearButton"]`)) return; // not every browser does it
  const before = escaped;
  escaped = isCovered() ? -Infinity : performance.now();
  if (kept("shortcuts") !== "off" && escaped - before < TWICE_MS) press(".st-key-stop button");
}

document.addEventListener("keydown", onKey);

// The editor opens where the prompt stood, which may be far above the button that was pressed.
document.addEventListener("click", ({ target }) => target.closest?.('[class*="st-key-actions_"] [class*="st-key-edit"] button') && reach(".st-key-editor textarea"));

let sheet;

function open() {
  sheet ??= build();
  wearTheme(sheet); // of theme.js
  sheet.showModal();
}

function element(name, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(name), { textContent: text });
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function build() {
  const made = element("dialog", "", { class: "help-sheet", "aria-labelledby": "help-title" });
  const list = element("dl");
  for (const [key, sentence] of [...KEYS, STOP]) {
    const term = element("dt");
    term.append(...key.split(" ").flatMap((each, index) => [index ? " " : "", element("kbd", each)]));
    list.append(term, element("dd", sentence));
  }
  const close = element("form", "", { method: "dialog" });
  close.append(element("button", "Close"));
  const said = element("p", "", { role: "status" });
  made.append(element("h2", "Keys", { id: "help-title" }), list, keysSwitch(), element("h3", "Notifications"), notifySwitch(said), said, close);
  made.addEventListener("click", (event) => event.target === made && made.close()); // beside it
  return document.body.appendChild(made);
}

function makeSwitch(sentence, isOn, change) {
  const box = element("input", "", { type: "checkbox", role: "switch" });
  box.checked = isOn;
  box.addEventListener("change", () => change(box));
  const label = element("label");
  label.append(box, sentence);
  return label;
}

function keysSwitch() {
  return makeSwitch("Use these keys", kept("shortcuts") !== "off", (box) => keep("shortcuts", box.checked ? "on" : "off"));
}

function notifySwitch(said) {
  const isOn = kept("notify") === "on" && window.Notification?.permission === "granted";
  return makeSwitch("Notify me when an answer is ready or needs me while I'm in another tab", isOn, async (box) => {
    said.textContent = box.checked ? await allow() : "";
    box.checked &&= !said.textContent;
    keep("notify", box.checked ? "on" : "off");
  });
}

// Returns why it cannot be, in a sentence; nothing where it can.
async function allow() {
  if (!window.Notification || !window.isSecureContext) return "This browser shows notifications of pages at https:// or localhost only.";
  if ((await Notification.requestPermission()) !== "granted") return "This browser does not allow it; its settings for this site can change that.";
  return "";
}

export default function ({ parentElement }) {
  parentElement.querySelector(".help-button").onclick = open;
}
