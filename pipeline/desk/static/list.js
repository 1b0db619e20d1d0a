// The desk's first page: what waits for a decision, over all shows.

import { $, clock, counted, el } from "./dom.js";

const path = (each) => `/-/desk/${encodeURIComponent(each.show)}/${encodeURIComponent(each.episode)}`;

function row(each) {
  const facts = [each.show_title, each.published, each.held ? `${counted(each.held, "ad")} to decide, ${clock(each.held_s)}` : "",
    each.cut ? `${each.cut} cut` : "", each.edited ? "edited" : ""].filter(Boolean);
  return el("li", {}, el("a", { href: path(each), className: "row-button" }, el("strong", {}, each.title), " ", el("span", { className: "faint" }, facts.join(" · "))));
}

try {
  const all = await (await fetch("/-/api/waiting")).json();
  const waiting = all.filter((each) => each.held), other = all.filter((each) => !each.held);
  $("waiting").replaceChildren(...waiting.map(row));
  $("other").replaceChildren(...other.map(row));
  const held = waiting.reduce((sum, each) => sum + each.held, 0);
  $("summary").textContent = held ? `${counted(held, "ad")} to decide in ${counted(waiting.length, "episode")}.` : "Nothing waits for you.";
  for (const name of ["waiting", "other"]) if (!$(name).children.length) $(name).append(el("li", { className: "faint" }, "None"));
} catch {
  $("summary").textContent = "The server does not answer.";
}
