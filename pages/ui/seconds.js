// Lets the seconds in a team's strip go on between two drawings, while an answer is being written.

const SECONDS = /(\d+)( s)$/;
let ticking;

function countSeconds(isWriting) {
  clearInterval(ticking);
  const said = [...document.querySelectorAll('.st-key-team_strip [data-testid="stCaptionContainer"] p')].at(-1)?.lastChild;
  const drawn = SECONDS.exec(said?.nodeValue ?? "");
  if (!isWriting || !drawn) return;
  const since = performance.now() - 1000 * Number(drawn[1]);
  ticking = setInterval(() => {
    if (!said.isConnected) return clearInterval(ticking);
    said.nodeValue = said.nodeValue.replace(SECONDS, (_, seconds, unit) => Math.round((performance.now() - since) / 1000) + unit);
  }, 1000);
}

