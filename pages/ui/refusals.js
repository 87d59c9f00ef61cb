// Says why a file was not taken. Streamlit says "Request failed with status code 413", and that only to who points at the file.

const REFUSALS = {
  403: "This page takes no files before it is drawn for you. Reload it.",
  413: "Too many files are waiting to be sent. Send or remove some, then add those in red again.",
};
const REFUSAL_MS = 20000;

function watchFiles(list) {
  const files = list.getEntries().filter(({ name }) => new URL(name).pathname.startsWith("/_stcore/upload_file/"));
  const sentence = files.map(({ responseStatus }) => REFUSALS[responseStatus]).find(Boolean);
  if (!sentence) return;
  say(sentence);
  setTimeout(watchConnection, REFUSAL_MS);
}

new PerformanceObserver(watchFiles).observe({ type: "resource" });

