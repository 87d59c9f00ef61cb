// Links in what models and people write: each says where it leads, and leads to the web, to a mailbox, or nowhere. Only attributes are
// changed, which React does not mind, and the browser itself says what an address means, however it is written.

const LEADS = ["http:", "https:", "mailto:"];
const LINKS = '[data-testid="stMarkdownContainer"] a[href]:not([href^="#"])';

function placeOf(link) {
  return link.protocol === "mailto:" ? link.pathname : link.host;
}

// Whether the text is the address itself, and not another.
function saysItself(link) {
  const text = link.textContent.trim();
  const written = link.protocol === "mailto:" ? `mailto:${text.replace(/^mailto:/i, "")}` : /^https?:/i.test(text) ? text : `http://${text}`;
  return URL.canParse(written) && placeOf(new URL(written)) === placeOf(link);
}

function mark(link) {
  if (!LEADS.includes(link.protocol)) link.removeAttribute("href");
  else if (saysItself(link)) link.removeAttribute("data-place");
  else if (link.dataset.place !== placeOf(link)) link.dataset.place = placeOf(link);
}

const watched = new WeakSet();

function watchLinks(root) {
  if (watched.has(root)) return;
  watched.add(root);
  root.querySelectorAll(LINKS).forEach(mark);
  new MutationObserver((changes) => {
    const links = new Set();
    for (const { target, addedNodes } of changes) {
      const around = (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest(LINKS);
      if (around) links.add(around);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches(LINKS)) links.add(node);
        node.querySelectorAll(LINKS).forEach((link) => links.add(link));
      }
    }
    links.forEach(mark);
  }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["href"] });
}

