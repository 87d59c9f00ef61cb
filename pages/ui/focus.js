// What has the focus may go away with a rerun, as Continue does when it goes on, or a button that leads to another page. Someone at the
// keyboard is then where the same is drawn again, or at the prompt box, or at what stands where it stood, instead of at the top of the page.
// What closes by itself, as a dialog, is given the time to put the focus back where it was. It stands in the first page: a component comes
// when the page is drawn, and what was pressed by then would be unknown.

const PUT_BACK_MS = 150;
const FOCUSABLE = ["a[href]", "button", "input", "textarea", "summary"].map((each) => `${each}:not(:disabled)`).join();
let held;
let keyOfHeld;
let around = []; // what it stands in, from the inside out
let isByKey = false;
let waiting;
document.addEventListener("keydown", () => (isByKey = true), true);
document.addEventListener("pointerdown", () => (isByKey = false), true);
document.addEventListener("focusin", ({ target }) => {
  held = target;
  keyOfHeld = /st-key-\S+/.exec(target.closest('[class*="st-key-"]')?.className)?.[0];
  around = [];
  for (let each = target.parentElement; each && each !== document.body; each = each.parentElement) around.push(each);
});

function isUsable() {
  return held.isConnected && !held.disabled;
}

function firstIn(place) {
  return [...(place?.querySelectorAll(FOCUSABLE) ?? [])].find((each) => each.checkVisibility?.({ visibilityProperty: true }) ?? true);
}

function findPlace() {
  const again = keyOfHeld && firstIn(document.getElementsByClassName(keyOfHeld)[0]);
  const covering = around.find((each) => each.matches('[role="dialog"], [data-baseweb="popover"]'));
  const box = covering?.isConnected ? null : document.querySelector('[data-testid="stChatInputTextArea"]');
  const inside = around.find((each) => each.isConnected && firstIn(each));
  const isNear = inside && !inside.contains(document.querySelector('[data-testid="stMain"]')); // not the whole page
  return again || box || firstIn(isNear ? inside : document.querySelector('[data-testid="stMain"]'));
}

// A page that is still being drawn may bring back what went away. The prompt box's own code comes after all else, when it is first needed.
function isDrawn() {
  const isComing = document.querySelector('[data-testid="stMain"] [data-testid="stSkeleton"]');
  return !isComing && document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";
}

// Its button is switched off until the file is there.
function isDownloading() {
  return held.isConnected && held.closest('[data-testid="stDownloadButton"]') !== null;
}

function putBack() {
  waiting = undefined;
  if (!isByKey || document.activeElement !== document.body) return;
  if (isUsable()) held.focus();
  else if (isDrawn() && !isDownloading()) findPlace()?.focus();
  else waitAWhile();
}

function waitAWhile() {
  waiting ??= setTimeout(putBack, PUT_BACK_MS);
}

new MutationObserver(() => isByKey && held && !isUsable() && waitAWhile()).observe(document.body, {
  childList: true,
  subtree: true,
  attributeFilter: ["disabled"],
});

