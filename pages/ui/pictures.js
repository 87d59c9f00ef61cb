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

const drawn = new WeakMap();

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".pictures");
  const wanted = JSON.stringify(data);
  if (drawn.get(root) === wanted) return;
  drawn.set(root, wanted);
  root.replaceChildren(...data.pictures.map((picture) => figure(picture, parentElement)));
}
