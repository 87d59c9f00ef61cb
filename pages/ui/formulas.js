// Formulas in the text being written are typeset by what Streamlit has for those of the finished message, so that both look the same.

const FONTS = ["1em KaTeX_Main", "italic 1em KaTeX_Math"];
const SPACES = { math: "http://www.w3.org/1998/Math/MathML", svg: "http://www.w3.org/2000/svg" };
const AS_WRITTEN = ["viewBox", "preserveAspectRatio"];

const typeset = new Map(); // what has been, by how it is shown and its TeX
let toTree; // a plugin of rehype's, with KaTeX in it
let fetching;

// Fonts that came later would move what stands around.
function fetchTypesetter(address) {
  const fonts = FONTS.map((font) => document.fonts.load(font));
  return Promise.all([import(new URL(address, location)), ...fonts]).then(([plugin]) => (toTree = plugin.default()));
}

function attributeOf(property) {
  if (property === "className") return "class";
  return AS_WRITTEN.includes(property) ? property : property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function built({ type, value, tagName, properties, children }, space) {
  if (type === "text") return document.createTextNode(value);
  const own = SPACES[tagName] ?? space;
  const element = document.createElementNS(own, tagName);
  for (const property in properties) element.setAttribute(attributeOf(property), [properties[property]].flat().join(" "));
  element.append(...children.map((child) => built(child, own)));
  return element;
}

function typesetOne(tex, isDisplay) {
  const className = ["language-math", isDisplay ? "math-display" : "math-inline"];
  const code = { type: "element", tagName: "code", properties: { className }, children: [{ type: "text", value: tex }] };
  const root = { type: "root", children: [code] };
  toTree(root, { message() {} }); // it shows the fault in the formula's place
  const made = document.createDocumentFragment();
  made.append(...root.children.map((node) => built(node, document.documentElement.namespaceURI)));
  return made;
}

function typesetOnce(tex, isDisplay) {
  const key = `${isDisplay} ${tex}`;
  if (!typeset.has(key)) typeset.set(key, typesetOne(tex, isDisplay));
  return typeset.get(key).cloneNode(true);
}

// One that cannot be typeset stays TeX, and what stands around it is drawn.
function show(formula) {
  try {
    formula.replaceChildren(typesetOnce(formula.textContent, formula.tagName === "DIV"));
    formula.className = "typeset";
  } catch {
    formula.className = "formula-failed";
  }
}

// Until the typesetter is there they stay TeX, and for good if it does not come. By then another text may be written.
function typesetIn(text, address) {
  const formulas = text.querySelectorAll(".formula");
  if (!formulas.length || !address) return;
  if (toTree) formulas.forEach(show);
  else fetching ??= fetchTypesetter(address).then(() => document.querySelectorAll(".live-text .formula").forEach(show), () => {});
}

