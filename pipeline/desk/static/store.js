// The episode as the server has it, and the changes that are sent to it, one after the other.

import { toast } from "./dom.js";

const { show, episode } = document.body.dataset;
export const api = `/-/api/${encodeURIComponent(show)}/${encodeURIComponent(episode)}`;

export const store = { view: null, listeners: [], saving: 0 };
let queue = Promise.resolve();

export function whenChanged(listener) {
  store.listeners.push(listener);
}

function take(view) {
  store.view = view;
  for (const listener of store.listeners) listener(view);
}

export async function load() {
  const answer = await fetch(api, { headers: { Accept: "application/json" } });
  const said = await read(answer);
  if (!answer.ok) throw new Error(said.error);
  take(said);
}

/** Look whether the episode was changed elsewhere, and show it then. */
export async function refresh() {
  const answer = await fetch(api, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || store.saving) return;
  const view = await answer.json();
  if (view.revision !== store.view.revision) take(view);
}

/** Send edits; what was on screen when they were made is what they change. Resolves to whether they were kept. */
export const send = (...edits) => post("edits", () => ({ edits }));
export const undo = () => post("undo", () => ({}));
export const redo = () => post("redo", () => ({}));
export const remove = (place) => post("remove", () => ({ place }));

export async function texts() {
  const answer = await call("texts", {});
  return answer.ok ? answer.json() : null;
}

function post(path, body) {
  store.saving += 1;
  queue = queue.then(() => carryOut(path, body())).finally(() => { store.saving -= 1; });
  return queue;
}

async function carryOut(path, body) {
  try {
    const answer = await call(path, { revision: store.view.revision, ...body });
    const said = await read(answer);
    if (answer.ok) {
      take(said);
      return true;
    }
    toast(said.error || "This could not be saved.");
    if (answer.status === 412) await load();
  } catch {
    toast("The server does not answer. Nothing was saved; start it again and repeat the last step.");
  }
  return false;
}

const call = (path, body) => fetch(`${api}/${path}`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

async function read(answer) {
  const text = await answer.text();
  try { return JSON.parse(text); } catch { return { error: text.trim() }; }
}

/** How far the outputs are; asked for while they are being made. */
export async function state() {
  try { return await (await fetch(`${api}/state`)).json(); } catch { return { state: "failed", reason: "the server does not answer" }; }
}
