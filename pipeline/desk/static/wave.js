// The picture of the sound: the whole recording, and the neighbourhood of an ad with edges that can be dragged.

import { $ } from "./dom.js";
import { api, store } from "./store.js";

let peaks = null, rate = 25, failed = false;
const drawers = new Set();

export async function loadPeaks() {
  try {
    const answer = await fetch(`${api}/peaks`);
    if (!answer.ok) throw new Error();
    rate = Number(answer.headers.get("X-Peaks-A-Second"));
    peaks = new Uint8Array(await answer.arrayBuffer());
  } catch { failed = true; }
  redraw();
}

export const noPeaks = () => failed;
export function redraw() { for (const draw of drawers) draw(); }
export function onRedraw(draw) { drawers.add(draw); return () => drawers.delete(draw); }

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draw peaks from `from` to `to` seconds over a whole canvas; `bands` are [start, end, colour name]. */
export function drawPeaks(canvas, from, to, bands = []) {
  const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width) return;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const x = (t) => ((t - from) / (to - from)) * width;
  for (const [start, end, name] of bands) {
    pen.fillStyle = colour(name);
    pen.fillRect(x(start), 0, Math.max(1, x(end) - x(start)), height);
  }
  if (!peaks) return;
  pen.fillStyle = colour("--wave");
  for (let column = 0; column < width; column += 1) {
    const first = Math.floor((from + ((to - from) * column) / width) * rate);
    const last = Math.max(first + 1, Math.floor((from + ((to - from) * (column + 1)) / width) * rate));
    let highest = 0;
    for (let i = Math.max(0, first); i < last && i < peaks.length; i += 1) if (peaks[i] > highest) highest = peaks[i];
    const size = Math.max(1, (highest / 255) ** 0.7 * height);
    pen.fillRect(column, (height - size) / 2, 1, size);
  }
}

/** The whole recording on top of the page: ads, the position, and a click that goes there. */
export function setUpOverview(seek) {
  const box = $("overview"), canvas = $("overview-wave");
  const head = document.createElement("div");
  head.className = "head";
  box.append(head);
  const draw = () => {
    if (!store.view) return;
    const bands = store.view.ads.map((ad) => [ad.start, ad.end, { cut: "--cut", hold: "--held", keep: "--kept" }[ad.verdict]]);
    drawPeaks(canvas, 0, store.view.duration, bands);
  };
  onRedraw(draw);
  new ResizeObserver(draw).observe(box);
  box.addEventListener("pointerdown", (event) => {
    const area = box.getBoundingClientRect();
    seek((store.view.duration * (event.clientX - area.left)) / area.width);
  });
  return (time) => { head.style.left = `${(100 * time) / (store.view?.duration || 1)}%`; };
}
