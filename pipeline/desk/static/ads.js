// Ads: heard at their edges as they are and as they would be cut, decided, moved, described.

import { $, clock, counted, el, fill } from "./dom.js";
import { send, store } from "./store.js";
import * as sound from "./sound.js";
import * as transcript from "./transcript.js";
import { drawPeaks, noPeaks, onRedraw } from "./wave.js";

const AROUND_S = 2;
const VIEW_S = 10;
const KINDS = { sponsor: "sponsor read", spot: "spot", promo: "promo for another show", self: "own call", credits: "credits" };
const BECAME = { cut: "cut", "for review": "to decide", kept: "kept", marked: "marked" };
let current = null; // the stretch that is worked on: it stays when the ads are sent anew
let playOnArrival = true;
let dropDraw = null;

const held = () => store.view.ads.filter((ad) => ad.verdict === "hold");
export const countHeld = () => held().length;

function index() {
  const ads = store.view.ads;
  if (!current || !ads.length) return ads.length ? Math.max(0, ads.findIndex((ad) => ad.verdict === "hold")) : -1;
  const shared = ads.map((ad) => Math.min(ad.end, current.end) - Math.max(ad.start, current.start));
  const best = shared.indexOf(Math.max(...shared));
  if (shared[best] > 0) return best;
  const after = ads.findIndex((ad) => ad.start >= current.start);
  return after < 0 ? ads.length - 1 : after;
}

const chosen = () => store.view.ads[index()] ?? null;

export function show(panel) {
  dropDraw?.();
  const ads = store.view.ads, at = index();
  if (at >= 0) current = { start: ads[at].start, end: ads[at].end };
  const waiting = countHeld();
  const list = el("ol", { className: "cards" }, ads.map((ad, place) => card(ad, place, place === at)));
  const note = store.view.mode === "cut" ? null
    : el("p", { className: "note" }, `This episode was run with --ads ${store.view.mode}: verdicts are kept, but nothing is cut.`);
  fill(panel,
    el("h2", {}, waiting ? `${counted(waiting, "ad")} to decide` : ads.length ? "Every ad is decided" : "No ads"),
    note,
    el("label", { className: "faint" }, el("input", { type: "checkbox", id: "arrival", checked: playOnArrival,
      on: { change: (event) => { playOnArrival = event.target.checked; } } }), " Play the join when the next one comes"),
    list,
    el("p", { className: "faint" }, "An ad is missing? Select its words in the transcript and choose “Cut”."),
  );
  const wave = panel.querySelector(".wave");
  if (wave) setUpWave(wave, ads[at]);
}

function card(ad, place, open) {
  const title = `${clock(ad.start)} to ${clock(ad.end)}`;
  const head = el("button", { type: "button", className: "card-head", aria: { expanded: String(open) }, on: { click: () => go(place) } },
    el("strong", {}, title), ` ${ad.sponsor || KINDS[ad.kind]} `,
    el("span", { className: `badge ${ad.verdict}` }, BECAME[ad.became]));
  if (!open) return el("li", { className: "card" }, head);
  return el("li", { className: "card open" }, head,
    el("div", { className: "wave", tabIndex: -1 }, el("canvas")),
    el("div", { className: "row" },
      button("Begin", "Hear the begin of the ad, two seconds before to two seconds after (1)", hearStart),
      button("End", "Hear the end of the ad, two seconds before to two seconds after (2)", hearEnd),
      button("As cut", "Hear how it sounds without the ad (3)", hearJoin),
      button("Whole", "Play the whole ad (4)", hearAll)),
    el("div", { className: "row" },
      button("Cut", "Cut it, go on (a)", () => decide("cut"), "primary"),
      button("Keep", "Keep it, go on (x)", () => decide("keep"))),
    el("div", { className: "fields" },
      el("label", {}, "Kind ", el("select", { id: "ad-kind", on: { change: describe } },
        Object.entries(KINDS).map(([value, text]) => el("option", { value, selected: value === ad.kind }, text)))),
      el("label", {}, "Sponsor ", el("input", { id: "ad-sponsor", type: "text", value: ad.sponsor, on: { change: describe } }))),
    el("details", {}, el("summary", {}, `Why: ${ad.score} % sure`),
      el("ul", {}, ad.why.map((reason) => el("li", {}, reason.text,
        reason.at === null ? null : el("button", { type: "button", className: "link", on: { click: () => sound.play(reason.at, reason.at + 6) } }, clock(reason.at)))))));
}

function button(text, title, action, className = "") {
  return el("button", { type: "button", title, className, on: { click: action } }, text);
}

// -- hearing

const cutOf = (ad) => ad.would[0] ?? [ad.start, ad.end];
const hearStart = () => { const ad = chosen(); if (ad) sound.playJoined([cutOf(ad)[0] - AROUND_S, cutOf(ad)[0] + AROUND_S]); };
const hearEnd = () => { const ad = chosen(); if (ad) sound.playJoined([cutOf(ad)[1] - AROUND_S, cutOf(ad)[1] + AROUND_S]); };
const hearAll = () => { const ad = chosen(); if (ad) sound.play(ad.start, ad.end); };
function hearJoin() {
  const ad = chosen();
  if (!ad) return;
  const [start, end] = cutOf(ad), length = store.view.duration;
  sound.playJoined([Math.max(0, start - AROUND_S), start], [end, Math.min(length, end + AROUND_S)]);
}

// -- deciding

function go(place, { hear = false } = {}) {
  const ad = store.view.ads[place];
  if (!ad) return;
  current = { start: ad.start, end: ad.end };
  show($("panel"));
  document.querySelector(".card.open")?.scrollIntoView({ block: "nearest" });
  sound.seek(Math.max(0, ad.start - AROUND_S));
  transcript.select(null);
  transcript.reveal(transcript.wordAt(ad.start + 0.05));
  if (hear && playOnArrival) hearJoin();
}

async function decide(verdict) {
  const ad = chosen();
  if (!ad) return;
  const next = store.view.ads.find((other) => other.verdict === "hold" && other.start > ad.start)
    ?? held().find((other) => other.start !== ad.start);
  const kept = await send({ kind: "ad_verdict", start: ad.start, end: ad.end, verdict });
  if (!kept || !next) return;
  const place = store.view.ads.findIndex((other) => other.start === next.start);
  if (place >= 0) go(place, { hear: true });
}

function describe() {
  const ad = chosen();
  if (ad) send({ kind: "ad_about", start: ad.start, end: ad.end, ad_kind: $("ad-kind").value, sponsor: $("ad-sponsor").value });
}

async function move(first, last) {
  const ad = chosen();
  if (!ad || last - first < 0.2 || (first === ad.start && last === ad.end)) return;
  const edit = { kind: "ad_edges", start: ad.start, end: ad.end, first: round(first), last: round(last) };
  current = { start: first, end: last };
  await send(edit);
}

const round = (t) => Math.round(t * 1000) / 1000;

/** An edge one word further to the left or right. */
function nudge(edge, by) {
  const ad = chosen(), words = store.view.words;
  if (!ad) return;
  if (edge === "start") {
    const place = transcript.wordAt(ad.start + 0.05) + (words[transcript.wordAt(ad.start + 0.05)][0] < ad.start - 0.3 ? 1 : 0);
    const word = words[Math.max(0, Math.min(words.length - 1, place + by))];
    move(word[0], ad.end);
  } else {
    const place = words.findLastIndex((word) => (word[0] + word[1]) / 2 < ad.end);
    const word = words[Math.max(0, Math.min(words.length - 1, place + by))];
    move(ad.start, word[1]);
  }
}

// -- the edges in the picture of the sound

function setUpWave(box, ad) {
  const from = Math.max(0, ad.start - VIEW_S), to = Math.min(store.view.duration, ad.end + VIEW_S);
  const canvas = box.querySelector("canvas");
  const edges = { start: ad.start, end: ad.end };
  const handles = {};
  const head = el("div", { className: "head" });
  box.append(head);
  const place = (t) => `${(100 * (t - from)) / (to - from)}%`;
  const draw = () => {
    drawPeaks(canvas, from, to, [[edges.start, edges.end, ad.verdict === "keep" ? "--kept" : ad.verdict === "cut" ? "--cut" : "--held"]]);
    for (const [name, handle] of Object.entries(handles)) {
      handle.style.left = place(edges[name]);
      handle.setAttribute("aria-valuenow", edges[name].toFixed(1));
      handle.setAttribute("aria-valuetext", clock(edges[name]));
    }
  };
  for (const name of ["start", "end"]) {
    const handle = handles[name] = el("div", { className: `edge ${name}`, tabIndex: 0, attrs: { role: "slider" },
      aria: { label: name === "start" ? "Begin of the ad" : "End of the ad", valuemin: from.toFixed(1), valuemax: to.toFixed(1) } });
    handle.addEventListener("pointerdown", (event) => { event.preventDefault(); event.stopPropagation(); handle.setPointerCapture(event.pointerId); handle.focus(); });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const area = box.getBoundingClientRect();
      const time = from + ((to - from) * (event.clientX - area.left)) / area.width;
      edges[name] = name === "start" ? Math.min(Math.max(from, time), edges.end - 0.3) : Math.max(Math.min(to, time), edges.start + 0.3);
      draw();
    });
    handle.addEventListener("pointerup", () => {
      edges[name] = snap(edges[name], name);
      draw();
      move(edges.start, edges.end);
    });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      refocus = name;
      nudge(name, by);
    });
    box.append(handle);
  }
  box.addEventListener("pointerdown", (event) => {
    const area = box.getBoundingClientRect();
    sound.play(from + ((to - from) * (event.clientX - area.left)) / area.width);
  });
  if (noPeaks()) box.append(el("p", { className: "faint" }, "The recording is not there, so its sound cannot be shown."));
  const drop = onRedraw(draw);
  const resized = new ResizeObserver(draw);
  resized.observe(box);
  moveHead = (t) => { head.hidden = t < from || t > to; head.style.left = place(t); };
  dropDraw = () => { drop(); resized.disconnect(); moveHead = null; };
  draw();
  if (refocus) { handles[refocus].focus(); refocus = null; }
}

let refocus = null, moveHead = null;
sound.timeListeners.push((time) => moveHead?.(time));

/** The nearest edge of a word, or the middle of the nearest silence if that is nearer. */
function snap(time, name) {
  const words = store.view.words, at = transcript.wordAt(time);
  const edges = words.slice(Math.max(0, at - 3), at + 4).map((word) => (name === "start" ? word[0] : word[1]));
  const silences = store.view.pauses.map(([a, b]) => (a + b) / 2);
  const nearest = [...edges, ...silences].sort((a, b) => Math.abs(a - time) - Math.abs(b - time))[0];
  return nearest !== undefined && Math.abs(nearest - time) < 1 ? nearest : time;
}

export const keys = {
  n: ["next ad", () => go(Math.min(store.view.ads.length - 1, index() + 1), { hear: true })],
  p: ["previous ad", () => go(Math.max(0, index() - 1), { hear: true })],
  1: ["hear its begin", hearStart],
  2: ["hear its end", hearEnd],
  3: ["hear it as cut", hearJoin],
  4: ["hear all of it", hearAll],
  a: ["cut it and go to the next", () => decide("cut")],
  x: ["keep it and go to the next", () => decide("keep")],
  "[": ["begin a word earlier", () => nudge("start", -1)],
  "]": ["begin a word later", () => nudge("start", 1)],
  "{": ["end a word earlier", () => nudge("end", -1)],
  "}": ["end a word later", () => nudge("end", 1)],
};
export const arrive = () => { const at = index(); if (at >= 0) go(at); };
