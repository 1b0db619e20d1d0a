// Words: the doubtful ones one by one with their sound, and corrections here, everywhere, or in the show from now on.

import { $, ask, clock, counted, el, fill } from "./dom.js";
import { send, store } from "./store.js";
import * as sound from "./sound.js";
import * as transcript from "./transcript.js";

const AROUND_S = 0.6;
let at = 0;

export const count = () => store.view.doubts.length;

export function show(panel) {
  const doubts = store.view.doubts;
  at = Math.max(0, Math.min(at, doubts.length - 1));
  const rows = doubts.map((doubt, place) => row(doubt, place)).slice(Math.max(0, at - 3), at + 40);
  fill(panel,
    el("h2", {}, doubts.length ? `${counted(doubts.length, "doubtful passage")}` : "No doubtful words"),
    el("p", { className: "faint" }, "Marked in the transcript. Any other word: click it, or select several, and choose “Correct”."),
    el("div", { className: "row" }, button("Play", "Hear it (3)", hear), button("Correct", "Correct it (Enter)", correctDoubt, "primary"),
      button("It is right", "Right as it is, go on (y)", confirm), button("Next", "Next passage (n)", () => go(at + 1)),
      button("Previous", "Previous passage (p)", () => go(at - 1))),
    el("ol", { className: "rows" }, rows),
    doubts.length > rows.length ? el("p", { className: "faint" }, `and ${doubts.length - rows.length} more`) : null,
  );
}

function row(doubt, place) {
  const start = store.view.words[doubt.first][0];
  return el("li", { className: place === at ? "current" : "" },
    el("button", { type: "button", className: "row-button", aria: { current: String(place === at) }, on: { click: () => go(place) } },
      el("time", {}, clock(start)), " ", el("strong", {}, transcript.textOf(doubt.first, doubt.last)), " ", el("span", { className: "faint" }, doubt.why)));
}

function button(text, title, action, className = "") {
  return el("button", { type: "button", title, className, on: { click: action } }, text);
}

function go(place) {
  const doubts = store.view.doubts;
  if (!doubts.length) return;
  at = Math.max(0, Math.min(doubts.length - 1, place));
  transcript.select(doubts[at].first, doubts[at].last);
  show($("panel"));
  hear();
}

function hear() {
  const doubt = store.view.doubts[at];
  if (doubt) hearWords(doubt.first, doubt.last);
}

export function hearWords(first, last) {
  const { start, end } = transcript.spanOf(first, last);
  sound.playJoined([Math.max(0, start - AROUND_S), end + AROUND_S]);
}

async function correctDoubt() {
  const doubt = store.view.doubts[at];
  if (doubt && await correct(doubt.first, doubt.last) && store.view.doubts.length) go(at);
}

async function confirm() {
  const doubt = store.view.doubts[at];
  if (!doubt) return;
  const text = transcript.textOf(doubt.first, doubt.last);
  if (await send({ kind: "words", ...transcript.spanOf(doubt.first, doubt.last), was: text, text }) && store.view.doubts.length) go(at);
}

/** Ask for the right words of a passage and where they hold; resolves to whether something was changed. */
export async function correct(first, last) {
  const was = transcript.textOf(first, last), span = transcript.spanOf(first, last);
  const scope = (value, text, checked = false) => el("label", {}, el("input", { type: "radio", name: "scope", value, checked }), ` ${text}`);
  const said = await ask("Correct", [
    el("label", {}, "What is said", el("input", { type: "text", name: "text", value: was, autocomplete: "off", spellcheck: true })),
    el("fieldset", {}, el("legend", {}, "Where"), scope("here", "Only here", true),
      scope("episode", "Everywhere in this episode"), scope("show", "Everywhere, and in the show’s next episodes")),
    el("div", {}, el("button", { type: "button", on: { click: () => hearWords(first, last) } }, "Play")),
  ]);
  if (!said) return false;
  const text = said.text.trim();
  if (said.scope === "here") return send({ kind: "words", ...span, was, text });
  return send({ kind: "phrase", was: bare(was), text: bare(text), show: said.scope === "show" });
}

/** Without the punctuation that stands around it: "Braun," is "Braun" everywhere. */
const bare = (text) => text.replace(/^[^\p{L}\p{N}$€£@#]+|[^\p{L}\p{N}%]+$/gu, "");

export const keys = {
  n: ["next passage", () => go(at + 1)],
  p: ["previous passage", () => go(at - 1)],
  3: ["hear it", hear],
  y: ["it is right", confirm],
  Enter: ["correct it", correctDoubt],
};
export const arrive = () => { const doubt = store.view.doubts[at]; if (doubt) transcript.select(doubt.first, doubt.last); };
