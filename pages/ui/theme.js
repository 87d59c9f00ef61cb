// What stands beside Streamlit's page has its theme and letters, and goes with it when the theme is changed. Colours are not taken over from
// it: they fade from one theme to the other.

const app = document.querySelector('[data-testid="stApp"]');
const beside = new Set();

function wearTheme(element) {
  const { colorScheme, fontFamily } = getComputedStyle(app);
  Object.assign(element.style, { colorScheme, fontFamily });
  beside.add(element);
}

new MutationObserver(() => beside.forEach(wearTheme)).observe(app, { attributes: true, attributeFilter: ["class"] });

