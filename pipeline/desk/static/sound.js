// Two ways to hear: the recording in the player, and stretches of it joined to the sample for the edges of a cut.

import { $, clock, toast } from "./dom.js";
import { api, store } from "./store.js";

const audio = $("audio");
const FADE_S = 0.012;
let stopAt = null;
let context = null;
let sources = [];
export const timeListeners = [];

export function setUpPlayer() {
  audio.src = `${api}/recording`;
  audio.addEventListener("error", () => {
    if (audio.src) toast("The recording cannot be played: it is no longer where it was, or the browser does not know its format.");
  });
  audio.addEventListener("play", () => { showPlaying(true); tick(); });
  audio.addEventListener("pause", () => showPlaying(false));
  audio.addEventListener("seeked", tell);
  audio.addEventListener("timeupdate", tell);
  $("play").addEventListener("click", toggle);
  $("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
}

function showPlaying(on) {
  $("play").textContent = on ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
}

function tick() {
  if (stopAt !== null && audio.currentTime >= stopAt) {
    audio.pause();
    stopAt = null;
  }
  if ($("skip-cuts").checked) {
    const cut = store.view.cuts.find(([a, b]) => audio.currentTime >= a && audio.currentTime < b - 0.05);
    if (cut) audio.currentTime = cut[1];
  }
  tell();
  if (!audio.paused) requestAnimationFrame(tick);
}

function tell() {
  $("now").textContent = clock(audio.currentTime);
  for (const listener of timeListeners) listener(audio.currentTime, !audio.paused);
}

export const now = () => audio.currentTime;
export const playing = () => !audio.paused || sources.length > 0;

export function seek(time) {
  audio.currentTime = Math.max(0, time);
  stopAt = null;
}

/** Play the recording from a time, up to another if it is given. */
export function play(start, end = null) {
  stopClips();
  audio.currentTime = Math.max(0, start);
  stopAt = end;
  audio.play().catch(() => {});
}

export function toggle() {
  if (sources.length) stopClips();
  else if (audio.paused) { stopAt = null; audio.play().catch(() => {}); } else audio.pause();
}

function stopClips() {
  for (const source of sources) source.onended = null, source.stop();
  if (sources.length) showPlaying(false);
  sources = [];
}

/** Play stretches of the recording one right after the other, faded at the joins as the cut does it. */
export async function playJoined(...spans) {
  audio.pause();
  stopClips();
  context ??= new AudioContext();
  await context.resume();
  const mine = (playJoined.turn = (playJoined.turn ?? 0) + 1);
  const buffers = await Promise.all(spans.filter(([a, b]) => b - a > 0.02).map(fetchClip)).catch(() => null);
  if (mine !== playJoined.turn) return; // something else was asked for meanwhile
  if (!buffers) return toast("The recording is no longer where it was, so it cannot be heard.");
  let at = context.currentTime + 0.03;
  for (const buffer of buffers) {
    const source = context.createBufferSource(), gain = context.createGain();
    source.buffer = buffer;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(1, at + FADE_S);
    gain.gain.setValueAtTime(1, at + buffer.duration - FADE_S);
    gain.gain.linearRampToValueAtTime(0, at + buffer.duration);
    source.connect(gain).connect(context.destination);
    source.start(at);
    at += buffer.duration;
    sources.push(source);
  }
  const last = sources.at(-1);
  if (last) last.onended = () => { sources = []; showPlaying(false); };
  showPlaying(true);
  document.body.dataset.heard = spans.map((span) => span.map((t) => t.toFixed(2)).join("-")).join(" ");
}

const clips = new Map();
async function fetchClip([start, end]) {
  const path = `${api}/clip?start=${Math.max(0, start).toFixed(3)}&end=${end.toFixed(3)}`;
  if (!clips.has(path)) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error();
    clips.set(path, await context.decodeAudioData(await answer.arrayBuffer()));
    if (clips.size > 60) clips.delete(clips.keys().next().value);
  }
  return clips.get(path);
}
