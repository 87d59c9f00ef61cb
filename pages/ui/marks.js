// Marks the links to conversations in which an answer is being written, or waits for the person. Only attributes are changed, which React
// does not mind. The server is asked for news while an answer is written in a conversation that the page does not show, and only then.

const ASK_MS = 2000;
const WORDS = { writing: "Being written", waiting: "Waiting for you" };
const LINKS = 'a[href*="conversation="]';
let known = { marks: {} };
let asking;

function mark(link) {
  const wanted = known.marks[new URL(link.href).searchParams.get("conversation")];
  if (link.dataset.mark === wanted) return;
  if (wanted) Object.assign(link, { title: WORDS[wanted] }).dataset.mark = wanted;
  else ["title", "data-mark"].forEach((name) => link.removeAttribute(name));
}

function markIn(element) {
  if (element.matches?.(LINKS)) mark(element);
  else element.querySelectorAll?.(LINKS).forEach(mark);
}

function onChanges(changes) {
  for (const { type, target, addedNodes } of changes) (type === "attributes" ? [target] : addedNodes).forEach(markIn);
}

function takeUp(news) {
  known = { ...known, ...news };
  markIn(document);
  clearTimeout(asking);
  const isWritten = ([conversation, mark]) => mark === "writing" && conversation !== known.open;
  if (!document.hidden && Object.entries(known.marks).some(isWritten)) asking = setTimeout(ask, ASK_MS);
}

async function ask() {
  const { ticket } = known;
  const answer = await fetch(`/marks?${new URLSearchParams({ ticket })}`, { cache: "no-store" }).catch(() => undefined);
  if (ticket !== known.ticket || answer?.status === 403) return; // the page was drawn anew meanwhile, or has to be
  takeUp(answer?.ok ? await answer.json() : {});
}

document.addEventListener("visibilitychange", () => takeUp({}));
new MutationObserver(onChanges).observe(document.body, { childList: true, subtree: true, attributeFilter: ["href"] });

export default function ({ data: [data] }) {
  takeUp(data);
}
