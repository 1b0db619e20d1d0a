// The desk's first page: what waits for a decision, over all shows.

import { $, clock, counted, el } from "./dom.js";

const path = (each) => `/-/desk/${encodeURIComponent(each.show)}/${encodeURIComponent(each.episode)}`;

function row(each) {
  const facts = [each.show_title, each.published, each.held ? `${counted(each.held, "ad")} to decide, ${clock(each.held_s)}` : "",
    each.voices ? `${counted(each.voices, "voice")} without a name` : "", each.passages ? counted(each.passages, "doubtful passage") : "",
    each.cut ? `${each.cut} cut` : "", each.edited ? "edited" : ""].filter(Boolean);
  return el("li", {}, el("a", { href: path(each), className: "row-button" }, el("strong", {}, each.title), " ", el("span", { className: "faint" }, facts.join(" · "))));
}

try {
  const all = await (await fetch("/-/api/waiting")).json();
  const waits = (each) => each.held + each.voices + each.passages > 0;
  const waiting = all.filter(waits), other = all.filter((each) => !waits(each));
  $("waiting").replaceChildren(...waiting.map(row));
  $("other").replaceChildren(...other.map(row));
  const total = (name) => waiting.reduce((sum, each) => sum + each[name], 0);
  const parts = [["held", "ad"], ["voices", "voice"], ["passages", "passage"]].map(([name, one]) => [total(name), one]).filter(([n]) => n);
  $("summary").textContent = parts.length
    ? `${parts.map(([n, one]) => counted(n, one)).join(", ")} to look at in ${counted(waiting.length, "episode")}.` : "Nothing waits for you.";
  for (const name of ["waiting", "other"]) if (!$(name).children.length) $(name).append(el("li", { className: "faint" }, "None"));
} catch {
  $("summary").textContent = "The server does not answer.";
}
