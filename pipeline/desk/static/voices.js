// Speakers: names and roles, two voices that are one, and words that were taken for another's.

import { ask, el, fill } from "./dom.js";
import { send, store } from "./store.js";
import * as sound from "./sound.js";
import * as transcript from "./transcript.js";

export function show(panel) {
  fill(panel,
    el("h2", {}, "Speakers"),
    el("p", { className: "faint" }, "A name that you give is also given to this voice in the show’s next episodes. To split a turn, select the words of the other voice."),
    el("ul", { className: "cards" }, store.view.speakers.map(card)),
  );
}

function card(speaker, place) {
  const others = store.view.speakers.filter((other) => other.label !== speaker.label && other.voice.length);
  const field = (name, text, value) => el("label", {}, text, el("input", { type: "text", name, value, autocomplete: "off" }));
  const form = el("form", { className: "fields", on: { submit: (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    send({ kind: "voice_name", voice: speaker.voice, name: given.name.trim(), role: given.role.trim() });
  } } }, field("name", "Name ", speaker.name), field("role", "Role ", speaker.role), el("button", { className: "primary" }, "Save"));
  const merge = el("select", { aria: { label: `${speaker.shown} is the same voice as` }, on: { change: (event) => {
    const other = others[Number(event.target.value)];
    if (other) send({ kind: "voice_merge", voice: speaker.voice, into: other.voice });
  } } }, el("option", { value: "" }, "is the same voice as…"), others.map((other, i) => el("option", { value: String(i) }, other.shown)));
  return el("li", { className: `card c${place % 8}`, data: { label: speaker.label } },
    el("div", { className: "row" }, el("b", {}, speaker.shown), el("span", { className: "faint" }, `${speaker.name ? `${speaker.label}, ` : ""}${speaker.share} % of the words`),
      speaker.voice.length ? el("button", { type: "button", aria: { label: `Play ${speaker.shown}` }, on: { click: () => sound.play(speaker.voice[0].start, Math.min(speaker.voice[0].end, speaker.voice[0].start + 8)) } }, "Play") : null),
    speaker.voice.length ? form : el("p", { className: "faint" }, "has no words"),
    speaker.voice.length && others.length ? merge : null,
    speaker.why.length ? el("p", { className: "faint" }, speaker.why.join("; ")) : null);
}

/** Ask to whom the selected words belong. */
export async function give(first, last) {
  const options = store.view.speakers.filter((speaker) => speaker.voice.length);
  const said = await ask("Who says this?", [
    el("p", {}, `“${transcript.textOf(first, last).slice(0, 200)}”`),
    el("label", {}, "Voice", el("select", { name: "voice" }, options.map((speaker, i) => el("option", { value: String(i) }, speaker.shown)), el("option", { value: "new" }, "Somebody else"))),
  ]);
  if (!said) return;
  const voice = said.voice === "new" ? [] : options[Number(said.voice)].voice;
  await send({ kind: "voice_words", ...transcript.spanOf(first, last), voice });
}

export const keys = {};
