// Says in a sentence that the server cannot be reached, and takes it back when it can. Streamlit says it in a dialog that lies over the
// conversation, names Streamlit and asks for nothing: it is closed, so that what is there can be read on and copied.

const AWAY_MS = 1500; // a connection that comes back sooner is nobody's business
const THEIRS = "Connection error";
const band = Object.assign(document.createElement("p"), { className: "connection-band" });
band.setAttribute("role", "status");
document.body.append(band);
let away;

let isAnswering = true;

function isAway() {
  return app.dataset.testConnectionState !== "CONNECTED" || !isAnswering;
}

// Without a network, a browser keeps the connection for minutes that nothing comes through any more. A server on the same machine answers.
async function ask() {
  isAnswering = await fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);
  watchConnection();
}

for (const change of ["offline", "online"]) window.addEventListener(change, ask);

function watchConnection() {
  clearTimeout(away);
  if (isAway()) away = setTimeout(say, AWAY_MS, LOST);
  else band.textContent = "";
}

watchConnection(); // it may be gone already
if (!navigator.onLine) ask();

function say(sentence) {
  wearTheme(band); // of theme.js
  band.textContent = sentence;
}

function closeTheirs() {
  const dialog = isAway() && [...document.querySelectorAll('[data-testid="stDialog"] [role="dialog"]')].find((each) => each.textContent.startsWith(THEIRS));
  if (dialog) dialog.querySelector("button")?.click();
}

new MutationObserver(watchConnection).observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
new MutationObserver(closeTheirs).observe(document.body, { childList: true });

