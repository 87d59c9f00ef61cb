// Says that an answer is finished, or waits for the person, in a tab that nobody looks at: by a mark in the tab's title, and by a
// notification where the person has switched that on (shortcuts.js) and the browser allows it. Both name the conversation by its title,
// and hold nothing else of what was said.

const MARK = "● ";
let followed = {}; // what was drawn last: which conversation, and whether an answer was being written
let plain = "";

function attend(data) {
  const isOver = followed.conversation === data.conversation && followed.writing && !data.writing;
  followed = { ...data, isUnseen: document.hidden && (isOver || followed.isUnseen) };
  markTitle();
  if (isOver && document.hidden) notify(data);
}

// Streamlit writes the title anew with every rerun.
function markTitle() {
  if (!document.title.startsWith(MARK)) plain = document.title;
  const wanted = followed.isUnseen ? MARK + followed.title : plain;
  if (document.title !== wanted) document.title = wanted;
}

function notify({ conversation, title, over }) {
  if (!isNotifying()) return;
  try {
    new Notification(title, { body: over, tag: conversation }).onclick = () => window.focus();
  } catch {
    // A browser that shows none from a page, as those of phones.
  }
}

function isNotifying() {
  try {
    return localStorage.getItem("roundtable/notify") === "on" && window.Notification?.permission === "granted";
  } catch {
    return false;
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  followed.isUnseen = false;
  markTitle();
});

