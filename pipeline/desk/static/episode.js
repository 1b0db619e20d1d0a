// The desk of one episode: its tabs, its keys, and what is done with selected words.

import { $, clock, el, toast } from "./dom.js";
import * as store from "./store.js";
import * as sound from "./sound.js";
import * as transcript from "./transcript.js";
import { loadPeaks, redraw, setUpOverview } from "./wave.js";
import * as ads from "./ads.js";
import * as words from "./words.js";
import * as voices from "./voices.js";
import * as chapters from "./chapters.js";
import * as notes from "./notes.js";
import * as edits from "./edits.js";

const TABS = { ads, words, voices, chapters, notes, edits };
const EVERYWHERE = {
  " ": ["play or pause", sound.toggle],
  u: ["undo", store.undo],
  U: ["redo", store.redo],
  e: ["correct the selected words", () => tool("correct")],
  c: ["cut the selected words", () => tool("cut")],
  g: ["give the selected words to another voice", () => tool("give")],
  t: ["go to the transcript", () => $("transcript").focus()],
  Escape: ["select nothing", () => transcript.select(null)],
  "?": ["this list", () => help()],
};
let tab = "ads";

// -- tabs

function open(name, { focus = false } = {}) {
  tab = name;
  for (const button of document.querySelectorAll("[role=tab]")) {
    const chosen = button.dataset.tab === name;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) button.focus();
  }
  $("panel").setAttribute("aria-labelledby", `tab-${name}`);
  history.replaceState(null, "", `#${name}`);
  showPanel();
  TABS[name].arrive?.();
}

/** Draw the open tab; what had the focus has it again, and half-written text stays. */
function showPanel() {
  const panel = $("panel"), active = document.activeElement;
  const fields = "button, input, textarea, select, summary, a";
  const at = panel.contains(active) ? [...panel.querySelectorAll(fields)].indexOf(active) : -1;
  const scroll = panel.scrollTop;
  TABS[tab].show(panel);
  panel.scrollTop = scroll;
  if (at >= 0 && !panel.contains(document.activeElement)) panel.querySelectorAll(fields)[at]?.focus({ preventScroll: true });
}

for (const button of document.querySelectorAll("[role=tab]")) {
  button.addEventListener("click", () => open(button.dataset.tab));
  button.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const names = Object.keys(TABS);
    open(names[(names.indexOf(tab) + by + names.length) % names.length], { focus: true });
  });
}

// -- what is shown of the whole

store.whenChanged((view) => {
  $("title").textContent = view.title;
  document.title = `${view.title} · cleancast desk`;
  $("total").textContent = clock(view.duration);
  const counts = { ads: ads.countHeld(), words: words.count(), edits: edits.count() };
  for (const [name, count] of Object.entries(counts)) document.querySelector(`#tab-${name} .count`).textContent = count || "";
  $("undo").disabled = !view.edits.length;
  $("redo").disabled = !view.redo;
  $("undo").title = view.edits.length ? `Undo (u): ${view.edits.at(-1).text}` : "Nothing to undo";
  $("redo").title = view.redo ? `Redo (Shift+U): ${view.redo}` : "Nothing to redo";
  transcript.showTranscript();
  showPanel();
  redraw();
  watchOutputs();
});

let watching = 0;
async function watchOutputs() {
  const mine = (watching += 1);
  for (;;) {
    const { state, reason } = await store.state();
    if (mine !== watching) return;
    const said = { made: "All outputs are up to date", waiting: "Saved; outputs are made soon", making: "Saved; making the outputs…",
      busy: "Saved; a run is working in this folder and will use your edits", failed: `Saved, but the outputs could not be made: ${reason}` };
    $("saved").textContent = said[state];
    $("saved").dataset.state = state;
    if (state === "made" || state === "failed") return;
    await new Promise((resolve) => { setTimeout(resolve, 700); });
  }
}

// -- selected words

const TOOLS = {
  play: ["Play", (s) => words.hearWords(s.first, s.last)],
  correct: ["Correct", (s) => words.correct(s.first, s.last)],
  cut: ["Cut", (s) => store.send({ kind: "ad_verdict", ...transcript.spanOf(s.first, s.last), verdict: "cut" })],
  give: ["Other voice", (s) => voices.give(s.first, s.last)],
  chapter: ["Chapter here", (s) => { open("chapters"); return chapters.add(transcript.spanOf(s.first, s.last).start, title(s)); }],
  summary: ["To summary", (s) => notes.addNote("summary", s.first, s.last)],
  points: ["To points", (s) => notes.addNote("points", s.first, s.last)],
  quotes: ["To quotes", (s) => notes.addNote("quotes", s.first, s.last)],
};

const title = (s) => transcript.textOf(s.first, Math.min(s.last, s.first + 7)).replace(/[,;:.]+$/, "");

function tool(name) {
  const selection = transcript.selected();
  if (selection) TOOLS[name][1](selection);
  else toast("Select words in the transcript first.");
}

$("tools").replaceChildren(...Object.entries(TOOLS).map(([name, [text]]) => el("button", { type: "button", data: { tool: name }, on: { click: () => tool(name) } }, text)));
transcript.selectionListeners.push((selection) => { $("tools").hidden = !selection; });

// -- keys

function help() {
  const list = $("help").querySelector("dl");
  const all = { ...TABS[tab].keys, ...EVERYWHERE };
  list.replaceChildren(...Object.entries(all).flatMap(([key, [text]]) => [el("dt", {}, el("kbd", {}, { " ": "space" }[key] ?? key)), el("dd", {}, text)]));
  $("help").showModal();
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (typing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    (event.shiftKey ? store.redo : store.undo)();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const onControl = event.target.matches("button, a, summary, [role=tab], input");
  if (onControl && (event.key === " " || event.key === "Enter")) return;
  if (event.target === $("transcript") && event.key === "Enter") {
    event.preventDefault();
    tool("correct");
    return;
  }
  const known = TABS[tab].keys[event.key] ?? EVERYWHERE[event.key];
  if (known) {
    event.preventDefault();
    transcript.follow();
    known[1]();
  }
});
document.addEventListener("visibilitychange", () => { if (!document.hidden && store.store.view) store.refresh(); });
$("help-open").addEventListener("click", help);
$("undo").addEventListener("click", store.undo);
$("redo").addEventListener("click", store.redo);

// -- begin

sound.setUpPlayer();
const moveHead = setUpOverview((time) => { transcript.follow(); sound.seek(time); transcript.select(transcript.wordAt(time)); });
sound.timeListeners.push(moveHead);
try {
  await store.load();
  open(location.hash.slice(1) in TABS ? location.hash.slice(1) : "ads");
  document.body.dataset.ready = "yes";
  loadPeaks();
} catch (error) {
  $("title").textContent = "This episode cannot be opened";
  $("panel").textContent = error.message;
}
