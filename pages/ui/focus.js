// What has the focus may go away with a rerun, as Continue does when it goes on. Someone at the keyboard is then at the prompt box,
// instead of at the top of the page. What closes by itself, as a dialog, is given the time to put the focus back where it was.

const PUT_BACK_MS = 150;
let held;
let isByKey = false;
document.addEventListener("keydown", () => (isByKey = true), true);
document.addEventListener("pointerdown", () => (isByKey = false), true);
document.addEventListener("focusin", (event) => (held = event.target));

function isLost() {
  return isByKey && held && (!held.isConnected || held.disabled) && document.activeElement === document.body;
}

new MutationObserver(() => {
  if (isLost()) setTimeout(() => isLost() && document.querySelector('[data-testid="stChatInputTextArea"]')?.focus(), PUT_BACK_MS);
}).observe(document.body, { childList: true, subtree: true });

