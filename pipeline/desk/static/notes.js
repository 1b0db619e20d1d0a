// Notes: summary, key points and quotes chosen or worded by a person, the links, and all of it to copy.

import { clock, el, fill, toast } from "./dom.js";
import { send, store, texts } from "./store.js";
import * as sound from "./sound.js";
import * as transcript from "./transcript.js";

const PARTS = { summary: "Summary", points: "Key points", quotes: "Quotes" };
const KINDS = { person: "Person", organisation: "Organisation", work: "Work", link: "Link" };

export function show(panel) {
  fill(panel,
    el("h2", {}, "Notes"),
    el("div", { className: "row" }, copier("markdown", "Copy Markdown"), copier("html", "Copy HTML"), copier("text", "Copy transcript")),
    el("p", { className: "faint" }, "To add a sentence, select it in the transcript."),
    Object.keys(PARTS).map(part),
    mentions(),
  );
}

function part(name) {
  const items = store.view.notes[name];
  const set = (changed) => send({ kind: "notes", part: name, items: changed });
  return el("section", { aria: { label: PARTS[name] } }, el("h3", {}, PARTS[name]), el("ul", { className: "rows" }, items.map((item, place) =>
    el("li", { className: "note-row" },
      el("textarea", { value: item.text, rows: 3, aria: { label: `${PARTS[name]}, ${place + 1}` }, on: { change: (event) => {
        const text = event.target.value.trim();
        set(text ? items.map((other, i) => (i === place ? { ...other, text } : other)) : items.filter((_, i) => i !== place));
      } } }),
      el("div", { className: "row" },
        el("button", { type: "button", aria: { label: `Play from ${clock(item.start)}` }, on: { click: () => sound.play(item.start, item.end) } }, clock(item.start)),
        place ? el("button", { type: "button", aria: { label: "Move up" }, on: { click: () => set(swapped(items, place)) } }, "↑") : null,
        el("button", { type: "button", on: { click: () => set(items.filter((_, i) => i !== place)) } }, "Remove"))))));
}

const swapped = (items, place) => items.map((item, i) => (i === place - 1 ? items[place] : i === place ? items[place - 1] : item));

/** Add the selected words to a part of the notes. */
export function addNote(name, first, last) {
  const span = transcript.spanOf(first, last);
  return send({ kind: "notes", part: name, items: [...store.view.notes[name], { ...span, text: transcript.textOf(first, last), speaker: "" }] });
}

function mentions() {
  const all = store.view.notes.mentions;
  const set = (changed) => send({ kind: "mentions", mentions: changed });
  const change = (place, changed) => set(all.map((other, i) => (i === place ? { ...other, ...changed } : other)));
  return el("section", { aria: { label: "Mentioned" } }, el("h3", {}, "Mentioned"), el("ul", { className: "rows" }, all.map((mention, place) =>
    el("li", { className: "mention-row" },
      el("select", { aria: { label: "Kind" }, on: { change: (event) => change(place, { kind: event.target.value }) } },
        Object.entries(KINDS).map(([value, text]) => el("option", { value, selected: value === mention.kind }, text))),
      el("input", { type: "text", value: mention.text, aria: { label: "Text" }, on: { change: (event) => change(place, { text: event.target.value.trim() || mention.text }) } }),
      el("input", { type: "url", value: mention.url, placeholder: "https://", aria: { label: `Link of ${mention.text}` }, on: { change: (event) => {
        const url = event.target.value.trim();
        if (!url || /^(https?:\/\/|mailto:)/.test(url)) change(place, { url });
        else { event.target.value = mention.url; toast("A link begins with https:// or mailto:"); }
      } } }),
      el("button", { type: "button", aria: { label: `Remove ${mention.text}` }, on: { click: () => set(all.filter((_, i) => i !== place)) } }, "Remove")))),
  el("button", { type: "button", on: { click: () => set([...all, { kind: "link", text: "New link", at: [sound.now()], url: "" }]) } }, "Add"));
}

function copier(name, text) {
  return el("button", { type: "button", data: { copies: name }, on: { click: async () => {
    const made = await texts();
    if (!made) return toast("The server does not answer.");
    try {
      await navigator.clipboard.writeText(made[name]);
      toast("Copied");
    } catch { toast("The browser does not allow copying here."); }
  } } }, text);
}

export const keys = {};
