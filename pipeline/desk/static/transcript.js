// The transcript: paragraphs that become words when they come near the window, so that hours of speech open at once.

import { $, clock, el } from "./dom.js";
import { store } from "./store.js";
import * as sound from "./sound.js";

const PARAGRAPH_WORDS = 80;
const box = $("transcript");
let paragraphs = []; // {first, last, key, element}
let doubts = new Map(); // place of a word: why it is doubtful
let selection = null; // {first, last, anchor}: places of words
let shown = []; // the elements of selected words
export const selectionListeners = [];

export const selected = () => selection;
export const words = () => store.view.words;
export const textOf = (first, last) => words().slice(first, last + 1).map((word) => word[2]).join(" ");
export const spanOf = (first, last) => ({ start: words()[first][0], end: Math.max(...words().slice(first, last + 1).map((w) => w[1])) });

/** The place of the word that is said at a time, or of the last one before it. */
export function wordAt(time) {
  const all = words();
  let low = 0, high = all.length - 1, best = 0;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (all[middle][0] <= time + 0.02) { best = middle; low = middle + 1; } else high = middle - 1;
  }
  return best;
}

const REST_MS = 90; // without scrolling, after which what is near becomes words: while it moves nobody points at one
const close = new Set();
let rest = 0; // the timer that runs while it moves
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) entry.isIntersecting ? close.add(entry.target) : close.delete(entry.target);
  if (!rest) splitClose();
}, { root: box, rootMargin: "400px 0px" });
box.addEventListener("scroll", settle, { passive: true });
box.addEventListener("pointerdown", (event) => { const article = event.target.closest?.("article"); if (article) split(article); }, true);

function settle() {
  clearTimeout(rest);
  rest = setTimeout(() => { rest = 0; splitClose(); }, REST_MS);
}

function splitClose() {
  for (const article of close) split(article);
}

export function showTranscript() {
  const wanted = group();
  let same = 0, tail = 0;
  while (same < wanted.length && same < paragraphs.length && wanted[same].key === paragraphs[same].key) same += 1;
  while (tail < wanted.length - same && tail < paragraphs.length - same && wanted.at(-1 - tail).key === paragraphs.at(-1 - tail).key) tail += 1;
  for (const old of paragraphs.slice(same, paragraphs.length - tail)) { near.unobserve(old.element); close.delete(old.element); old.element.remove(); }
  const kept = [...paragraphs.slice(0, same), ...paragraphs.slice(paragraphs.length - tail)];
  const fresh = document.createDocumentFragment();
  wanted.forEach((paragraph, place) => {
    const isNew = place >= same && place < wanted.length - tail;
    paragraph.element = isNew ? draw(paragraph) : kept[place < same ? place : place - (wanted.length - kept.length)].element;
    paragraph.element.paragraph = paragraph;
    if (isNew) { fresh.append(paragraph.element); near.observe(paragraph.element); }
  });
  const before = wanted[wanted.length - tail]?.element ?? null;
  box.insertBefore(fresh, tail ? before : null);
  paragraphs = wanted;
  doubts = new Map();
  for (const { first, last, why } of store.view.doubts) for (let i = first; i <= last; i += 1) doubts.set(i, why);
  paragraphs.forEach(markDoubts);
  if (selection && selection.last >= words().length) selection = null;
  mark();
}

/** Paragraphs of one voice, none across the edge of an ad or the start of a chapter. */
function group() {
  const view = store.view, found = [];
  const chapters = view.chapters.map((c) => [c.start, c.title]);
  let current = null, ad = -1, chapter = 0;
  view.words.forEach((word, place) => {
    const middle = (word[0] + word[1]) / 2;
    const inAd = view.ads.findIndex((a) => middle >= a.start && middle < a.end);
    let title = null;
    while (chapter < chapters.length && word[0] >= chapters[chapter][0] - 0.05) title = chapters[chapter++][1];
    const full = current && place - current.first >= PARAGRAPH_WORDS && /[.!?…]["'”’)]*$/.test(view.words[place - 1][2]);
    if (!current || word[3] !== current.voice || inAd !== ad || title !== null || full) {
      current = { first: place, last: place, voice: word[3], ad: inAd, chapter: title };
      found.push(current);
      ad = inAd;
    }
    current.last = place;
  });
  for (const p of found) {
    const verdict = p.ad < 0 ? "" : view.ads[p.ad].verdict;
    const voice = p.voice < 0 ? "" : view.speakers[p.voice].shown;
    p.key = `${voice}|${p.voice}|${verdict}|${p.chapter ?? ""}|${view.words[p.first][0]}|${textOf(p.first, p.last)}`;
    p.verdict = verdict;
    p.name = voice;
  }
  return found;
}

function draw(paragraph) {
  const { first, last, voice, verdict, name, chapter } = paragraph;
  const head = el("header", {}, el("b", {}, name), el("span", { className: "faint" }, ` ${clock(words()[first][0])}`),
    verdict ? el("span", { className: "badge" }, { cut: "ad, cut", hold: "ad?", keep: "kept" }[verdict]) : null);
  return el("article", { className: `paragraph c${voice < 0 ? 7 : voice % 8}${verdict ? ` ad ${verdict}` : ""}` },
    chapter !== null ? el("h3", {}, chapter) : null, head, el("p", {}, textOf(first, last)));
}

function split(article) {
  if (article.split) return;
  article.split = true;
  const text = article.querySelector("p");
  const all = text.textContent.split(" ");
  text.replaceChildren(...all.flatMap((word, i) => (i ? [" ", el("span", { className: "word" }, word)] : [el("span", { className: "word" }, word)])));
  markDoubts(article.paragraph);
}

/** The elements of words, as far as they are drawn; a word with a space in it never is. */
function elementOf(place) {
  let low = 0, high = paragraphs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (paragraphs[middle].first <= place) low = middle; else high = middle - 1;
  }
  const paragraph = paragraphs[low];
  if (!paragraph) return null;
  split(paragraph.element);
  return paragraph.element.querySelectorAll(".word")[place - paragraph.first] ?? null;
}

function placeOf(node) {
  const word = (node.nodeType === 3 ? node.parentElement : node)?.closest?.(".word");
  if (!word) return null;
  const article = word.closest("article");
  return article.paragraph.first + [...article.querySelectorAll(".word")].indexOf(word);
}

// -- marks: what is said, what is selected, what is doubtful

let said = null;
sound.timeListeners.push((time, playing) => {
  const place = wordAt(time);
  if (said === place || !store.view) return;
  document.querySelector(".word.said")?.classList.remove("said");
  said = place;
  if (playing) {
    const word = elementOf(place);
    word?.classList.add("said");
    if (word && followed && !inView(word)) word.scrollIntoView({ block: "center" });
  }
});
let followed = true;
for (const kind of ["wheel", "touchmove"]) box.addEventListener(kind, () => { followed = false; }, { passive: true });
export const follow = () => { followed = true; };

function inView(element) {
  const area = box.getBoundingClientRect(), own = element.getBoundingClientRect();
  return own.top >= area.top && own.bottom <= area.bottom - 60;
}

function mark() {
  for (const word of shown) word.classList.remove("selected", "cursor");
  shown = [];
  if (selection) {
    for (let place = selection.first; place <= selection.last; place += 1) {
      const word = elementOf(place);
      if (!word) continue;
      word.classList.add("selected");
      shown.push(word);
    }
  }
}

/** Marks the doubtful words of a paragraph whose words are drawn. */
function markDoubts(paragraph) {
  if (!paragraph.element.split) return;
  paragraph.element.querySelectorAll(".word").forEach((word, i) => {
    const why = doubts.get(paragraph.first + i);
    word.classList.toggle("doubt", why !== undefined);
    word.title = why ?? "";
  });
}

export function select(first, last = first, { scroll = true, anchor = first } = {}) {
  selection = first === null ? null : { first: Math.min(first, last), last: Math.max(first, last), anchor };
  mark();
  if (selection) {
    if (scroll) reveal(last);
    $("word-now").textContent = textOf(selection.first, selection.last).slice(0, 200);
  }
  for (const listener of selectionListeners) listener(selection);
}

/** Bring a word into view, if it is not. */
export function reveal(place) {
  const word = elementOf(place);
  if (word && !inView(word)) word.scrollIntoView({ block: "center" });
}

// -- by mouse and by keys

box.addEventListener("pointerup", () => setTimeout(() => {
  const range = getSelection();
  if (range.isCollapsed || !box.contains(range.anchorNode)) return;
  const [one, other] = [placeOf(range.anchorNode), placeOf(range.focusNode)];
  range.removeAllRanges();
  if (one !== null && other !== null) select(Math.min(one, other), Math.max(one, other), { scroll: false });
}));
box.addEventListener("click", (event) => {
  const place = placeOf(document.elementFromPoint(event.clientX, event.clientY) ?? event.target); // words may be new
  if (place === null || !getSelection().isCollapsed) return;
  if (event.shiftKey && selection) select(selection.anchor, place, { scroll: false, anchor: selection.anchor });
  else {
    select(place, place, { scroll: false });
    sound.seek(words()[place][0]);
  }
});
box.addEventListener("keydown", (event) => {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 12, ArrowUp: -12 };
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const at = selection ? (selection.anchor === selection.first ? selection.last : selection.first) : wordAt(sound.now());
  const next = Math.max(0, Math.min(words().length - 1, selection ? at + steps[event.key] : at));
  if (event.shiftKey && selection) select(selection.anchor, next, { anchor: selection.anchor });
  else select(next);
});
