"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const audio = $("audio"), lanes = $("lanes"), play = $("play");
  const lines = [...document.querySelectorAll(".line")];
  const starts = lines.map((line) => Number(line.dataset.s));
  let onOriginal = false, current = null, follow = true, scrolledByUs = 0;

  // The two clocks: what is heard (clean, or the original with its ads) and the source, in which all data is written.
  const removed = data.removed;
  const cleanOf = (t) => t - removed.reduce((sum, [a, b]) => sum + (a < t ? Math.min(t, b) - a : 0), 0);
  const sourceOf = (clean) => {
    let t = clean;
    for (const [a, b] of removed) if (t >= a - 1e-6) t += b - a;
    return t;
  };
  const isRemoved = (t) => removed.some(([a, b]) => t >= a && t < b);
  const heard = (t) => (onOriginal ? t : cleanOf(t));
  const source = () => (onOriginal ? audio.currentTime : sourceOf(audio.currentTime));
  const length = () => (onOriginal ? data.duration : cleanOf(data.duration));
  const clock = (t) => {
    const s = Math.max(0, Math.floor(t + 1e-6)), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const two = (n) => String(n).padStart(2, "0");
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };

  const seek = (t, thenPlay) => {
    audio.currentTime = Math.min(Math.max(0, heard(t)), length());
    pending = heard(t);
    follow = true;
    show(true);
    if (thenPlay) audio.play().catch(() => {});
  };
  let pending = null; // a place asked for before the sound could be read
  audio.addEventListener("loadedmetadata", () => { if (pending !== null) audio.currentTime = pending; });
  const skip = (by) => { audio.currentTime = Math.min(Math.max(0, audio.currentTime + by), length()); follow = true; show(true); };

  // What is being said.
  const wrap = (line) => {
    if (line.wrapped) return line.wrapped;
    const offsets = line.dataset.w.split(" ").map(Number), begin = Number(line.dataset.s);
    const spans = line.textContent.split(" ").map((text, i) => {
      const span = document.createElement("span");
      span.textContent = text;
      span.at = begin + (offsets[Math.min(i, offsets.length - 1)] || 0) / 1000;
      return span;
    });
    line.replaceChildren(...spans.flatMap((span, i) => (i ? [" ", span] : [span])));
    return (line.wrapped = spans);
  };
  const lineAt = (t) => {
    let low = 0, high = starts.length - 1, best = -1;
    while (low <= high) {
      const mid = (low + high) >> 1;
      if (starts[mid] <= t + 0.05) { best = mid; low = mid + 1; } else high = mid - 1;
    }
    return best;
  };
  const show = (jump) => {
    const t = audio.readyState === 0 && pending !== null ? (onOriginal ? pending : sourceOf(pending)) : source();
    $("now").textContent = clock(heard(t));
    const at = `${Math.min(100, (100 * t) / (data.duration || 1)).toFixed(3)}%`;
    $("head").setAttribute("x1", at);
    $("head").setAttribute("x2", at);
    $("done").setAttribute("width", `${Math.min(100, (100 * heard(t)) / (length() || 1)).toFixed(3)}%`);
    lanes.setAttribute("aria-valuenow", Math.round(t));
    lanes.setAttribute("aria-valuetext", clock(heard(t)));
    const index = lineAt(t), line = index < 0 ? null : lines[index];
    if (line !== current) {
      current?.classList.remove("current");
      current?.querySelectorAll(".said").forEach((word) => word.classList.remove("said"));
      current = line;
      current?.classList.add("current");
      if (follow && current && (jump || !audio.paused)) reveal(current);
      const chapters = [...document.querySelectorAll("a[data-chapter]")];
      const last = chapters.filter((a) => Number(a.dataset.chapter) <= t + 0.05).pop();
      chapters.forEach((a) => a.classList.toggle("current", a === last));
    }
    if (current && !audio.paused) {
      let said = null;
      for (const word of wrap(current)) { word.classList.remove("said"); if (word.at <= t + 0.03) said = word; }
      said?.classList.add("said");
    }
  };
  const reveal = (element) => {
    const box = element.getBoundingClientRect(), top = document.querySelector(".player").getBoundingClientRect().bottom;
    if (box.top < top + 40 || box.bottom > innerHeight - 80) {
      scrolledByUs = Date.now();
      scrollTo({ top: scrollY + box.top - top - (innerHeight - top) / 3 });
    }
  };
  ["wheel", "touchmove"].forEach((kind) => addEventListener(kind, () => { if (Date.now() - scrolledByUs > 300) follow = false; }, { passive: true }));
  const tick = () => { show(); if (!audio.paused) requestAnimationFrame(tick); };
  audio.addEventListener("play", () => { play.classList.add("playing"); play.setAttribute("aria-label", "Pause"); tick(); });
  audio.addEventListener("pause", () => { play.classList.remove("playing"); play.setAttribute("aria-label", "Play"); show(); });
  audio.addEventListener("timeupdate", () => show());
  audio.addEventListener("error", () => {
    if (onOriginal && $("original")) {
      $("original").checked = false;
      $("original").disabled = true;
      setOriginal(false);
      toast("The original can no longer be read.");
    } else $("silent").hidden = false;
  });
  const toggle = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());
  play.addEventListener("click", toggle);
  $("back").addEventListener("click", () => skip(-15));
  $("forward").addEventListener("click", () => skip(30));
  $("speed").addEventListener("change", (e) => { audio.playbackRate = Number(e.target.value); });

  // Served by the desk (which says so in a header: nothing is asked for), there is a link to it, and the recording.
  const served = performance.getEntriesByType("navigation")[0]?.serverTiming?.some((entry) => entry.name === "desk");
  const place = location.pathname.split("/").slice(1, 3).join("/");
  if (served) {
    $("desk").href = `/-/desk/${place}`;
    $("desk").hidden = false;
    data.original = `/-/api/${place}/recording`;
  }
  $("hear-removed")?.addEventListener("click", () => {
    audio.pause();
    $("removed").hidden = false;
    $("removed").play().catch(() => {});
  });

  // The original, where it lies beside.
  const setOriginal = (on) => {
    const t = source(), playing = !audio.paused;
    onOriginal = on;
    document.body.classList.toggle("original", on);
    audio.src = on ? data.original : data.audio;
    $("total").textContent = clock(length());
    pending = heard(t);
    audio.playbackRate = Number($("speed").value);
    if (playing) audio.play().catch(() => {});
  };
  $("switch").hidden = !data.original;
  $("original")?.addEventListener("change", (e) => setOriginal(e.target.checked));

  // Places: lines, links, the picture.
  document.addEventListener("pointerover", (e) => { const line = e.target.closest?.(".line"); if (line) wrap(line); });
  document.querySelector("main").addEventListener("click", (e) => {
    const line = e.target.closest(".line");
    if (!line || String(getSelection())) return;
    if (isRemoved(Number(line.dataset.s)) && !onOriginal) {
      toast(data.original ? "This was cut out. Switch to the original to hear it." : "This was cut out.");
      return;
    }
    seek(e.target.at ?? Number(line.dataset.s), true);
  });
  document.addEventListener("click", (e) => {
    const link = e.target.closest("a.moment");
    if (!link) return;
    e.preventDefault();
    history.replaceState(null, "", link.hash);
    seek(sourceOf(Number(link.hash.slice(3))), true);
  });
  const fromPointer = (e) => {
    const box = lanes.getBoundingClientRect();
    let t = (data.duration * Math.min(Math.max(0, e.clientX - box.left), box.width)) / box.width;
    if (!onOriginal) for (const [a, b] of removed) if (t >= a && t < b) t = b;
    seek(t, false);
  };
  lanes.addEventListener("pointerdown", (e) => { lanes.setPointerCapture(e.pointerId); fromPointer(e); });
  lanes.addEventListener("pointermove", (e) => { if (e.buttons) fromPointer(e); });
  $("bar").addEventListener("pointerdown", (e) => {
    const wanted = (length() * Math.min(Math.max(0, e.clientX), innerWidth)) / innerWidth;
    seek(onOriginal ? wanted : sourceOf(wanted), false);
  });
  document.querySelectorAll("details.reasons").forEach((details) => details.addEventListener("toggle", () => {
    for (const block of document.querySelectorAll(`.block[data-ad="${details.dataset.ad}"]`)) block.classList.toggle("shown", details.open);
  }));

  // Links to a moment, always on the clean clock.
  const toast = (text) => {
    $("toast").textContent = text;
    $("toast").hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { $("toast").hidden = true; }, 2500);
  };
  const copy = async () => {
    const link = `${location.href.split("#")[0]}#t=${cleanOf(source()).toFixed(1)}`;
    try { await navigator.clipboard.writeText(link); } catch {
      const box = document.createElement("textarea");
      box.value = link;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    history.replaceState(null, "", link.slice(link.indexOf("#")));
    toast(`Link to ${clock(cleanOf(source()))} copied`);
  };
  $("copy").addEventListener("click", copy);
  const fromHash = () => {
    const match = /^#t=([\d.]+)$/.exec(location.hash);
    if (match) seek(sourceOf(Number(match[1])), false);
  };
  addEventListener("hashchange", fromHash);

  // Search.
  let hits = [], at = -1;
  const search = () => {
    const wanted = $("query").value.trim().toLowerCase();
    hits.forEach((line) => line.classList.remove("hit", "target"));
    CSS.highlights?.delete("found");
    hits = wanted ? lines.filter((line) => line.textContent.toLowerCase().includes(wanted)) : [];
    hits.forEach((line) => {
      line.classList.add("hit");
      if (isRemoved(Number(line.dataset.s))) line.closest(".block").classList.add("shown");
    });
    if (wanted && CSS.highlights) CSS.highlights.set("found", new Highlight(...hits.slice(0, 500).flatMap((line) => rangesOf(line, wanted))));
    at = -1;
    $("found").textContent = wanted ? `${hits.length || "no"} ${hits.length === 1 ? "sentence" : "sentences"}` : "";
    $("prev").disabled = $("next").disabled = !hits.length;
  };
  const rangesOf = (line, wanted) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), nodes = [], ranges = [];
    let text = "";
    while (walker.nextNode()) { nodes.push([walker.currentNode, text.length]); text += walker.currentNode.data; }
    const place = (i, end) => {
      const [node, from] = nodes.findLast(([, from]) => (end ? from < i : from <= i)) ?? nodes[0];
      return [node, Math.min(i - from, node.data.length)];
    };
    for (let i = text.toLowerCase().indexOf(wanted); i >= 0; i = text.toLowerCase().indexOf(wanted, i + wanted.length)) {
      const range = new Range();
      range.setStart(...place(i, false));
      range.setEnd(...place(i + wanted.length, true));
      ranges.push(range);
    }
    return ranges;
  };
  const go = (by) => {
    if (!hits.length) return;
    hits[at]?.classList.remove("target");
    at = (at + by + hits.length) % hits.length;
    hits[at].classList.add("target");
    hits[at].scrollIntoView({ block: "center" });
    $("found").textContent = `${at + 1} of ${hits.length}`;
  };
  $("query").addEventListener("input", search);
  $("search").addEventListener("submit", (e) => e.preventDefault());
  $("query").addEventListener("keydown", (e) => {
    if (e.key === "Enter") { e.preventDefault(); go(e.shiftKey ? -1 : 1); }
    if (e.key === "Escape") { $("query").value = ""; search(); $("query").blur(); }
  });
  $("next").addEventListener("click", () => go(1));
  $("prev").addEventListener("click", () => go(-1));

  // Keys.
  $("help-open").addEventListener("click", () => $("help").showModal());
  const sentence = (by) => {
    const shown = lines.filter((line) => onOriginal || !isRemoved(Number(line.dataset.s)));
    const next = shown[Math.max(0, Math.min(shown.length - 1, shown.indexOf(current) + by))];
    if (next) seek(Number(next.dataset.s), false);
  };
  const faster = (by) => {
    const speed = $("speed");
    speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
    audio.playbackRate = Number(speed.value);
    toast(speed.options[speed.selectedIndex].text);
  };
  const keys = {
    " ": toggle, k: toggle, ArrowLeft: () => skip(-15), ArrowRight: () => skip(30), ",": () => sentence(-1), ".": () => sentence(1),
    "[": () => faster(-1), "]": () => faster(1), "/": () => $("query").focus(), c: copy, "?": () => $("help").showModal(),
    o: () => { if (!$("switch").hidden) $("original").click(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || $("help").open) return;
    if (e.target.matches("input[type=search], select, textarea")) return;
    if (e.key === " " && e.target.matches("button, summary, a, input")) return;
    const act = keys[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  fromHash();
  show();
})();
