// Streamlit moves what opens, or grows while it is open, for half a second, also for those who asked their system for no motion.

const asked = matchMedia("(prefers-reduced-motion: reduce)");
const animate = Element.prototype.animate;

Element.prototype.animate = function (frames, options) {
  return animate.call(this, frames, asked.matches ? 0 : options);
};
