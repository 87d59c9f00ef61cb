// Draws pictures. Every text, names of files too, is set as text and never as HTML.

function make(tag, content = {}, ...children) {
  const element = Object.assign(document.createElement(tag), content);
  element.append(...children);
  return element;
}

function open(picture, root) {
  const dialog = make("dialog", { className: "picture-dialog" });
  const image = make("img", { src: picture.full, alt: picture.name, onclick: () => dialog.close() });
  const close = make("button", { type: "button", textContent: "Close", onclick: () => dialog.close() });
  const about = make("p", { textContent: [picture.name, picture.line].filter(Boolean).join(" · ") });
  dialog.append(image, close, about);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  root.append(dialog); // within the component, where the theme's colours are known
  dialog.showModal();
}

function thumbnail(picture, root) {
  const image = make("img", { src: picture.small, alt: picture.name, loading: "lazy", decoding: "async" });
  const button = make("button", { type: "button", title: "Show in full size", onclick: () => open(picture, root) }, image);
  button.setAttribute("aria-label", `Show ${picture.name} in full size`);
  return button;
}

function figure(picture, root) {
  const about = make("figcaption", { textContent: picture.name });
  if (picture.line) about.append(make("span", { textContent: picture.line }));
  return make("figure", {}, thumbnail(picture, root), about);
}

function cell(title, ...content) {
  const element = make("td", {}, ...content);
  element.dataset.title = title;
  return element;
}

function askAgainButton(picture, askAgain) {
  const again = make("button", { type: "button", className: "picture-again", textContent: "Again", onclick: () => askAgain(picture.id) });
  again.setAttribute("aria-label", `Describe ${picture.name} again`);
  return again;
}

function row(picture, root, askAgain) {
  const about = make("div", { className: "picture-about", textContent: picture.name });
  about.append(make("span", { textContent: picture.line }));
  const first = cell("Picture", thumbnail(picture, root), about, ...(askAgain ? [askAgainButton(picture, askAgain)] : []));
  if (picture.error) return make("tr", {}, first, make("td", { colSpan: 3, className: "picture-error", textContent: picture.error }));
  const tags = picture.tags.map((tag) => make("span", { className: "picture-tag", textContent: tag }));
  const title = cell("Title", make("strong", { textContent: picture.title }), ...tags);
  return make("tr", {}, first, title, cell("Alt text", picture.alt_text), cell("Description", picture.description));
}

function table(rows, root, askAgain) {
  const heads = ["Picture", "Title and tags", "Alt text", "Description"].map((text) => make("th", { scope: "col", textContent: text }));
  const head = make("thead", {}, make("tr", {}, ...heads));
  return make("table", {}, head, make("tbody", {}, ...rows.map((each) => row(each, root, askAgain))));
}

const drawn = new WeakMap();

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".pictures");
  const wanted = JSON.stringify(data);
  if (drawn.get(root) === wanted) return;
  drawn.set(root, wanted);
  const askAgain = data.can_ask_again && ((id) => setTriggerValue("again", id));
  if (data.rows) root.replaceChildren(table(data.rows, parentElement, askAgain));
  else root.replaceChildren(...data.pictures.map((picture) => figure(picture, parentElement)));
}
