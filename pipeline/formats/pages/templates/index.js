"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const articles = [...document.querySelectorAll("article")];
  const people = articles.map((article) => JSON.parse(article.dataset.people));
  const low = data.map((passages) => passages.map(([, , text]) => text.toLowerCase()));
  const MOST = 5;
  let person = null;

  const clock = (t) => {
    const s = Math.floor(t + 1e-6), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60, two = (n) => String(n).padStart(2, "0");
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  const node = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };
  const marked = (text, wanted) => {
    const at = text.toLowerCase().indexOf(wanted), from = Math.max(0, at - 70), to = Math.min(text.length, at + wanted.length + 110);
    const begin = from && text.indexOf(" ", from) < at ? text.indexOf(" ", from) + 1 : from;
    return node("span", begin ? "… " : "", text.slice(begin, at), node("mark", text.slice(at, at + wanted.length)),
      text.slice(at + wanted.length, to), to < text.length ? " …" : "");
  };
  const search = () => {
    const wanted = $("query").value.trim().toLowerCase();
    let total = 0, shown = 0;
    articles.forEach((article, i) => {
      const list = article.querySelector(".hits");
      list.replaceChildren();
      const speaks = !person || people[i].includes(person);
      const hits = wanted ? low[i].flatMap((text, k) => (text.includes(wanted) && (!person || data[i][k][1] === person) ? [k] : [])) : [];
      const named = !wanted || article.querySelector("h3").textContent.toLowerCase().includes(wanted);
      article.hidden = !speaks || (!hits.length && !named);
      if (article.hidden) return;
      shown += 1;
      total += hits.length;
      for (const k of hits.slice(0, MOST)) {
        const [start, name, text] = data[i][k];
        const link = node("a", node("time", clock(start)), node("span", name ? `${name}: ` : "", marked(text, wanted)));
        link.href = `${article.querySelector("h3 a").getAttribute("href")}#t=${start}`;
        list.append(node("li", link));
      }
      if (hits.length > MOST) list.append(node("li", `and ${hits.length - MOST} more in this episode`));
    });
    document.querySelectorAll("h2").forEach((head) => {
      let any = false;
      for (let next = head.nextElementSibling; next && next.tagName === "ARTICLE"; next = next.nextElementSibling) any ||= !next.hidden;
      head.hidden = !any;
    });
    $("found").textContent = wanted ? `${total} ${total === 1 ? "passage" : "passages"}` : person ? `${shown} of ${articles.length}` : "";
  };
  $("query").addEventListener("input", search);
  $("search").addEventListener("submit", (e) => e.preventDefault());
  document.querySelectorAll("[data-person]").forEach((button) => button.addEventListener("click", () => {
    person = person === button.dataset.person ? null : button.dataset.person;
    document.querySelectorAll("[data-person]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.person === person)));
    search();
  }));
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && e.target !== $("query")) { e.preventDefault(); $("query").focus(); }
    if (e.key === "Escape" && e.target === $("query")) { $("query").value = ""; search(); }
  });
})();
