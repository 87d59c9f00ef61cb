// Puts into the clipboard what the server hands over after a press of Copy, and says at the button that it is there.
//
// A browser lets a page write its clipboard only in answer to a press. The text comes a moment after it, so the press promises it.

const SHOWN_MS = 1500;
const PATIENCE_MS = 5000;
let promised = null;
let last = 0;

document.addEventListener("click", (event) => event.target.closest?.('[class*="st-key-copy"] button') && promise(), true);

function promise() {
  promised?.refuse();
  const text = new Promise((resolve, reject) => {
    const timer = setTimeout(reject, PATIENCE_MS);
    promised = { give: (given) => (clearTimeout(timer), resolve(given)), refuse: () => (clearTimeout(timer), reject()) };
  });
  text.catch(() => {});
  promised.written = write(text);
  promised.written.catch(() => {});
}

function write(text) {
  if (!window.isSecureContext) return text.then(writeAsOfOld);
  if (!window.ClipboardItem) return text.then((given) => navigator.clipboard.writeText(given));
  const item = text.then((given) => new Blob([given], { type: "text/plain" }));
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": item })]);
}

// Without HTTPS a browser has no clipboard but the selection's.
function writeAsOfOld(text) {
  const box = document.body.appendChild(document.createElement("textarea"));
  box.value = text;
  box.select();
  const isWritten = document.execCommand("copy");
  box.remove();
  if (!isWritten) throw new Error("refused");
}

function tell(widget, status, isWritten) {
  const place = document.querySelector(`.st-key-${widget}`);
  const symbol = place?.querySelector('[data-testid="stIconMaterial"]');
  status.textContent = isWritten ? "Copied" : "This browser did not let the text be copied";
  if (symbol) symbol.textContent = isWritten ? "check" : "error";
  if (place) place.dataset.copied = "";
  setTimeout(() => {
    status.textContent = "";
    if (symbol) symbol.textContent = "content_copy";
    if (place) delete place.dataset.copied;
  }, SHOWN_MS);
}

export default function ({ data: [data], parentElement }) {
  const { copied } = data;
  if (!copied || !promised || copied.number <= last) return;
  last = copied.number;
  const status = parentElement.querySelector(".copied");
  promised.give(copied.text);
  promised.written.then(() => tell(copied.widget, status, true), () => tell(copied.widget, status, false));
  promised = null;
}
