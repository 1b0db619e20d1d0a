// Chapters: a person's list takes the place of the one that was found.

import { clock, el, fill, parseClock, toast } from "./dom.js";
import { send, store } from "./store.js";
import * as sound from "./sound.js";

export function show(panel) {
  const list = el("ol", { className: "rows chapters" }, store.view.chapters.map(row));
  fill(panel,
    el("h2", {}, "Chapters"),
    el("p", { className: "faint" }, "Times are those of the original recording."),
    list,
    el("div", { className: "row" }, el("button", { type: "button", on: { click: () => add(sound.now()) } }, "Add one where the player is")),
  );
}

function row(chapter, place) {
  const change = (changed) => set(store.view.chapters.map((other, i) => (i === place ? { ...other, ...changed } : other)));
  return el("li", { className: "chapter-row" },
    el("input", { type: "text", className: "time", value: clock(chapter.start), aria: { label: `Start of chapter ${place + 1}` }, on: { change: (event) => {
      const start = parseClock(event.target.value);
      if (start === null || start >= store.view.duration) {
        event.target.value = clock(chapter.start);
        toast("A time looks like 12:30 and lies inside the episode.");
      } else change({ start, end: start });
    } } }),
    el("input", { type: "text", value: chapter.title, aria: { label: `Title of chapter ${place + 1}` }, on: { change: (event) => {
      if (event.target.value.trim()) change({ title: event.target.value.trim() });
      else event.target.value = chapter.title;
    } } }),
    el("button", { type: "button", aria: { label: `Play chapter ${place + 1}` }, on: { click: () => sound.play(chapter.start) } }, "▶"),
    el("button", { type: "button", aria: { label: `Remove chapter ${place + 1}` }, on: { click: () => set(store.view.chapters.filter((_, i) => i !== place)) } }, "✕"));
}

function set(chapters) {
  const plain = chapters.map(({ start, end, title, url }) => ({ start, end: Math.max(start, end), title, url }));
  return send({ kind: "chapters", chapters: plain });
}

export async function add(start, title = "New chapter") {
  await set([...store.view.chapters, { start, end: start, title, url: "" }]);
}

export const keys = {};
