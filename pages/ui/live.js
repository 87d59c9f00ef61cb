// Shows the message being written and asks for a rerun when the page should be drawn again. No Markdown is parsed here: the server
// sends HTML it has rendered itself from escaped text.

const LEAVE_MS = 300; // Streamlit may call the cleanup before an update too; only a view nobody updates again is gone
const ASK_AGAIN_MS = 2000;
const LOOK_MS = 50;
const BEGIN_MS = 300; // a prompt of this tab's own may have begun what is heard of, and its rerun be under way
const GIVE_UP_MS = 30000;
const ON_THE_WAY_MS = 2000;
const NEAR_PX = 80;
const SETTLE_MS = 3000; // a page that is still shorter then has become so for good
const TOP_PX = 72;

// Keeps the end of the conversation in sight until the person scrolls up, and again when they come back down or send a prompt.
//
// Of one who has scrolled up it keeps the place. A finished message takes the place of the text that was written: for a moment the page
// holds both, or neither, and the browser moves what is seen along with either. That is put right before it is painted. Sizes change after
// scroll events within a frame, so a position other than the one left behind here is the person's doing.
class Follower {
  constructor(scroller) {
    this.scroller = scroller;
    this.place = this.seen = scroller.scrollTop;
    this.following = true;
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.follow());
    resized.observe(scroller);
    resized.observe(scroller.firstElementChild);
    scroller.addEventListener("click", (event) => event.target.closest(".st-key-show_earlier") && this.hold());
    scroller.addEventListener("focusin", (event) => this.following && event.target.closest(".st-key-editor") && this.leaveEnd(event.target));
  }

  // A prompt is edited where it stands, which may be far above.
  leaveEnd(element) {
    element.scrollIntoView({ block: "center" });
    this.following = false;
    this.place = this.seen = this.scroller.scrollTop;
  }

  // Earlier messages come in above: what is being read stays where it is, until the person scrolls.
  hold() {
    this.toEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.untilMoved(() => (this.toEnd = undefined));
  }

  // What a search found stays in sight while the page around it is still being drawn, until the person scrolls.
  goTo(found) {
    this.following = false;
    this.found = found;
    this.untilMoved(() => (this.found = undefined));
  }

  // Coming back is arriving anew.
  leave() {
    this.arrivedAt = this.foundAt = this.found = this.lit = undefined;
    unmarkWords();
  }

  untilMoved(release) {
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) this.scroller.addEventListener(kind, release, { once: true, passive: true });
  }

  // Where to scroll to: the message begins under what lies over the page's top, or where it is long, its words stand in the upper part.
  placeOf(found) {
    const element = placeFound(found); // of found.js
    if (!element) return this.place;
    if (element !== this.lit) light(element);
    this.lit = element;
    const first = markWords(element, found.words)?.getBoundingClientRect();
    const { top } = element.getBoundingClientRect();
    const { clientHeight, scrollTop } = this.scroller;
    const strip = this.scroller.querySelector(".st-key-team_strip")?.offsetHeight ?? 0;
    const isFar = first && first.bottom - top > clientHeight / 2;
    return scrollTop + (isFar ? first.top - clientHeight / 3 : top - TOP_PX - strip);
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const left = scrollHeight - scrollTop - clientHeight;
    if (scrollTop === this.seen) return;
    if (this.isResized()) return this.follow(); // a window that gets another size scrolls what is in it
    if (scrollTop < this.seen && left <= 1) return this.follow(); // nobody scrolls up to the end: the page got shorter
    if (scrollTop < this.seen) this.following = false;
    else if (left < NEAR_PX) this.following = true;
    this.place = this.seen = scrollTop;
  }

  isResized() {
    const { clientWidth, clientHeight } = this.scroller;
    return clientWidth !== this.width || clientHeight !== this.height;
  }

  // A conversation is opened at its end, or at what a search found; a prompt sent from this tab brings the end back into sight.
  arrive({ place, found }) {
    const isElsewhere = place !== this.arrivedAt || (found && found.at !== this.foundAt);
    if (isElsewhere) {
      this.following = true;
      this.toEnd = this.found = this.lit = undefined;
      unmarkWords();
      if (found) this.goTo(found);
    }
    this.arrivedAt = place;
    this.foundAt = found?.at;
    this.follow();
  }

  follow() {
    const { scroller } = this;
    if (this.found) this.place = this.placeOf(this.found);
    if (this.toEnd !== undefined) this.place = scroller.scrollHeight - this.toEnd;
    const isAtEnd = this.following && this.toEnd === undefined;
    const wanted = isAtEnd ? scroller.scrollHeight - scroller.clientHeight : this.place;
    if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted; // setting it ends a scroll that glides
    this.seen = scroller.scrollTop;
    this.width = scroller.clientWidth;
    this.height = scroller.clientHeight;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => (this.place = scroller.scrollTop), SETTLE_MS);
  }
}

// Stop goes away when it has done its work, and with it the focus of someone at the keyboard.
document.addEventListener("click", (event) => {
  if (event.detail === 0 && event.target.closest?.(".st-key-stop")) stoppedByKey = true;
});
let stoppedByKey = false;

const followers = new WeakMap();

function followerOf(root) {
  const scroller = root.closest('[data-testid="stMain"]');
  if (!followers.has(scroller)) followers.set(scroller, new Follower(scroller));
  return followers.get(scroller);
}

// A link is followed when the server gets to it. Until then a rerun asked for from here names this conversation, and of two that wait
// Streamlit keeps the later address: the person would stay where they were.
document.addEventListener("click", (event) => {
  if (event.target.closest?.('[data-testid="stApp"] a[href]:not([target="_blank"])')) leftAt = performance.now();
});
window.addEventListener("popstate", () => (leftAt = performance.now()));
let leftAt = -Infinity;
let here; // the conversation that was drawn last

function isDrawing() {
  return document.querySelector('[data-test-script-state="running"]') !== null;
}

function isOnTheWay() {
  return performance.now() - leftAt < (isDrawing() ? GIVE_UP_MS : ON_THE_WAY_MS);
}

// A state begins with the number of its last event, which only grows; a conversation that is gone has none.
function isPast(state, drawn) {
  const event = parseInt(state);
  return event > 0 && event < parseInt(drawn);
}

// Where the page itself has lost its server, connection.js says so.
function hasServer() {
  return document.querySelector('[data-test-connection-state="CONNECTED"]') !== null;
}

const FETCHED_LATE = {
  formulas: (text) => text.querySelector(".katex, .formula, .formula-failed"),
  code: (text) => text.querySelector("pre"),
  names: (text) => /:[\w+-]+:/.test(text.textContent), // of emoji, or what may be one
};
const prepared = new Set();

class View {
  constructor(root) {
    this.live = root.querySelector(".live");
    this.text = root.querySelector(".live-text");
    this.note = root.querySelector(".live-note");
    this.follower = followerOf(root);
    this.page = root.closest('[data-testid="stMain"]');
    this.drawing = new MutationObserver(() => this.giveWay());
    watchLinks(this.page); // of links.js
    this.blocks = [];
    this.wanted = null;
    this.failures = 0;
    this.timers = {};
    this.onVisibility = () => (this.isWanted ? this.connect() : this.disconnect());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  update({ data, setTriggerValue }) {
    clearTimeout(this.timers.leave);
    this.isLeft = false;
    this.stay();
    this.data = data;
    if (here !== data.conversation) leftAt = -Infinity; // there now
    here = data.conversation;
    this.ask = (state) => setTriggerValue("changed", state);
    this.want(isPast(this.wanted, data.drawn) ? null : this.wanted);
    this.text.parentElement.classList.toggle("is-writing", data.writing);
    this.follower.arrive(data);
    if (stoppedByKey && !data.writing) {
      stoppedByKey = false;
      document.querySelector('[data-testid="stChatInputTextArea"]')?.focus();
    }
    attend(data); // of attention.js
    countSeconds(data.writing); // of seconds.js
    if (this.isWanted) this.connect();
  }

  // A tab that nobody looks at listens on for the end of an answer only.
  get isWanted() {
    return !document.hidden || this.data?.writing;
  }

  connect() {
    if (this.source || !this.data || this.data.url === this.refused) return;
    clearTimeout(this.timers.retry);
    this.url = this.data.url;
    this.source = new EventSource(this.url);
    this.source.onopen = () => {
      this.failures = 0;
      if (this.note.textContent === LOST) this.say("");
      clearTimeout(this.timers.giveUp);
      this.timers.giveUp = undefined;
    };
    this.source.addEventListener("draft", (event) => this.draw(JSON.parse(event.data)));
    this.source.addEventListener("note", (event) => this.say(JSON.parse(event.data)));
    this.source.addEventListener("changed", (event) => this.want(JSON.parse(event.data)));
    this.source.onerror = () => this.fail();
  }

  disconnect() {
    this.source?.close();
    this.source = this.refused = undefined;
    clearTimeout(this.timers.retry);
  }

  // The browser resumes a dropped connection by itself; one the server refused needs a new ticket, which a rerun brings.
  fail() {
    this.timers.giveUp ??= setTimeout(() => this.data.writing && hasServer() && this.say(LOST), GIVE_UP_MS);
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.disconnect();
    this.refused = this.url; // Streamlit may draw the same once more before the rerun comes
    this.failures += 1;
    const wait = Math.min(500 * 2 ** this.failures, 15000);
    const again = () => {
      if (!isOnTheWay()) this.ask(`reconnect.${this.failures}`);
      this.timers.retry = setTimeout(again, wait); // until the rerun comes, which connects
    };
    this.timers.retry = setTimeout(again, wait);
  }

  want(state) {
    clearTimeout(this.timers.again);
    this.wanted = state === this.data.drawn ? null : state;
    if (this.wanted === null) return;
    if (this.text.lastElementChild) this.text.lastElementChild.ariaBusy = "false";
    this.before = this.messageBefore();
    this.drawing.observe(this.page, { childList: true, subtree: true });
    const patience = performance.now() + ASK_AGAIN_MS;
    if (this.data.writing) this.pursue(patience);
    else this.timers.again = setTimeout(() => this.pursue(patience), BEGIN_MS);
  }

  messageBefore() {
    const messages = [...this.page.querySelectorAll('[data-testid="stChatMessage"]')];
    return messages[messages.indexOf(this.live.closest('[data-testid="stChatMessage"]')) - 1];
  }

  // The finished message is drawn before the one being written goes. That is hidden as soon as the page would hold both, so that nothing
  // moves; a class of ours does it, which goes with the element.
  giveWay() {
    const message = this.messageBefore();
    if (message !== this.before && message?.querySelector('[data-testid="stElementContainer"]')) this.live.classList.add("gives-way");
  }

  stay() {
    this.drawing.disconnect();
    this.live.classList.remove("gives-way");
  }

  // The rerun that is being drawn may bring what is wanted; asked for meanwhile, another would overtake it. One that is lost, with the
  // websocket down for a moment, is asked for again. Nothing is asked for a view whose place another has taken.
  pursue(patience) {
    if (this.isLeft) return;
    const waits = isDrawing() && performance.now() < patience;
    if (!waits && !isOnTheWay()) this.ask(this.wanted);
    const next = waits ? patience : performance.now() + ASK_AGAIN_MS;
    this.timers.again = setTimeout(() => this.pursue(next), waits ? LOOK_MS : ASK_AGAIN_MS);
  }

  draw({ at, keep, html }) {
    this.live.classList.remove("gives-way");
    const [first, ...rest] = html;
    this.blocks.splice(at, Infinity, (this.blocks[at] ?? "").slice(0, keep) + first, ...rest);
    while (this.text.children.length > this.blocks.length) this.text.lastElementChild.remove();
    for (let index = at; index < this.blocks.length; index++) {
      const block = this.text.children[index] ?? this.text.appendChild(document.createElement("div"));
      block.innerHTML = this.blocks[index];
      block.ariaBusy = String(index === this.blocks.length - 1); // read aloud when it is finished, not with each word
    }
    typesetIn(this.text, this.data.typesetter); // of formulas.js
    this.text.parentElement.classList.toggle("has-text", this.blocks.length > 0);
    this.prepare();
  }

  // Streamlit fetches some of its code when the first message is drawn that needs it, and shows nothing of that message meanwhile. So the
  // page is drawn once more while it is being written, with something hidden on it that needs the same.
  prepare() {
    const needed = Object.keys(FETCHED_LATE).filter((kind) => FETCHED_LATE[kind](this.text));
    if (needed.every((kind) => prepared.has(kind)) || this.wanted !== null || this.isLeft || isDrawing() || isOnTheWay()) return;
    for (const kind of needed) prepared.add(kind);
    this.ask(needed.join("."));
  }

  // Seconds that are counted down are not read aloud one by one.
  say(sentence) {
    const shown = this.note.textContent;
    if (shown === sentence) return;
    this.note.ariaLive = sentence.replace(/\d+ s/, "") === shown.replace(/\d+ s/, "") ? "off" : "polite";
    this.note.textContent = sentence;
  }

  leave() {
    this.isLeft = true;
    this.timers.leave = setTimeout(() => {
      this.disconnect();
      if (followers.get(this.follower.scroller) === this.follower && !document.querySelector(".live")) {
        this.follower.leave();
        here = undefined;
      }
      this.drawing.disconnect();
      document.removeEventListener("visibilitychange", this.onVisibility);
      Object.values(this.timers).forEach(clearTimeout);
    }, LEAVE_MS);
  }
}

const views = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!views.has(root)) views.set(root, new View(root));
  const view = views.get(root);
  view.update(component);
  const update = (view.updates = (view.updates ?? 0) + 1);
  return () => update === view.updates && view.leave(); // an update's cleanup may come when the next one is there
}
