// A press is for what one saw when one made up one's mind. The card of a question takes no clicks for a moment after it has come, or has
// moved: the second of two quick clicks was meant for the card before it. A key that is held down counts once, where it was pressed.

const FRESH_MS = 300; // longer than the two clicks of a double click are apart, shorter than reading takes
const CARDS = '[class*="st-key-asked_"]';
const places = new WeakMap(); // where each card was, and which question it held
const settling = new WeakMap();
let isDown = false; // a press under way is for what it began on
for (const kind of ["pointerdown", "pointerup", "pointercancel"]) document.addEventListener(kind, () => (isDown = kind === "pointerdown"), true);

function lookAtCards() {
  for (const card of document.querySelectorAll(CARDS)) {
    const { left, top } = card.getBoundingClientRect();
    const place = `${card.className} ${Math.round(left)} ${Math.round(top)}`;
    if (places.get(card) !== place && !isDown) refresh(card);
    places.set(card, place);
  }
}

function refresh(card) {
  card.dataset.fresh = "";
  clearTimeout(settling.get(card));
  settling.set(
    card,
    setTimeout(() => delete card.dataset.fresh, FRESH_MS),
  );
}

new MutationObserver(lookAtCards).observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
new ResizeObserver(lookAtCards).observe(document.body);
document.addEventListener("scroll", lookAtCards, { capture: true, passive: true });

let pressedOn = null;

document.addEventListener(
  "keydown",
  (event) => {
    if (!event.repeat) pressedOn = event.target;
    else if (["Enter", " "].includes(event.key) && (event.target !== pressedOn || event.target.closest?.(CARDS))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

