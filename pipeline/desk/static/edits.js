// Everything that was changed, each to be taken back by itself; what fits nothing any more is shown first.

import { clock, counted, el, fill } from "./dom.js";
import { remove, store } from "./store.js";
import * as sound from "./sound.js";

export const count = () => store.view.edits.length;

export function show(panel) {
  const rows = store.view.edits.map((edit, place) => ({ ...edit, place }));
  const lost = rows.filter((edit) => !edit.fits), good = rows.filter((edit) => edit.fits).reverse();
  fill(panel,
    el("h2", {}, rows.length ? counted(rows.length, "edit") : "Nothing was changed"),
    lost.length ? el("p", { className: "note", attrs: { role: "note" } }, `${counted(lost.length, "edit")} no longer ${lost.length === 1 ? "fits" : "fit"} anything in this episode: what was heard there is different now. They are kept until you remove them.`) : null,
    el("ol", { className: "rows" }, [...lost, ...good].map(row)),
  );
}

function row(edit) {
  return el("li", { className: edit.fits ? "edit-row" : "edit-row lost" },
    el("button", { type: "button", className: "link", aria: { label: `Play from ${clock(edit.at)}` }, on: { click: () => sound.play(edit.at) } }, clock(edit.at)),
    el("span", {}, edit.text, edit.fits ? null : el("span", { className: "badge hold" }, "fits nothing")),
    el("button", { type: "button", aria: { label: `Take back: ${edit.text}` }, on: { click: () => remove(edit.place) } }, "Take back"));
}

export const keys = {};
