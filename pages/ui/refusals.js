// Says why something was not taken, where Streamlit says it badly or not at all.

const REFUSALS = {
  403: "This page takes no files before it is drawn for you. Reload it.",
  413: "Too many files are waiting to be sent. Send or remove some, then add those in red again.",
  503: "The server holds as many unsent files as it can. Add those in red again in a few minutes.",
};
const REFUSAL_MS = 20000;
const MOST_CHARACTERS = 1e6; // ten prompts; in UTF-8 less than the gate takes at once

function refuse(sentence) {
  say(sentence);
  setTimeout(watchConnection, REFUSAL_MS);
}

// Of a file Streamlit says "Request failed with status code 413", and that only to who points at it.
function watchFiles(list) {
  const files = list.getEntries().filter(({ name }) => new URL(name).pathname.startsWith("/_stcore/upload_file/"));
  const sentence = files.map(({ responseStatus }) => REFUSALS[responseStatus]).find(Boolean);
  if (sentence) refuse(sentence);
}

// More than that, sent, would end the page's connection, and be gone.
function boundText(event) {
  const length = (event.target.value?.length ?? 0) + (event.data?.length ?? 0);
  if (!event.data || length <= MOST_CHARACTERS) return;
  event.preventDefault();
  refuse(`That would be ${length.toLocaleString("en")} characters, far more than a prompt takes, so it was not put in. Take a part of it.`);
}

new PerformanceObserver(watchFiles).observe({ type: "resource" });
document.addEventListener("beforeinput", boundText, true);
