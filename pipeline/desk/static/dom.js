// Elements without markup in strings: whatever comes from an episode is text and stays text.

export const $ = (id) => document.getElementById(id);

/** An element; `props` are properties, but `on` (listeners), `data` and `aria`, and attributes in `attrs`. */
export function el(name, props = {}, ...children) {
  const made = document.createElement(name);
  const { on = {}, data = {}, aria = {}, attrs = {}, ...own } = props;
  for (const [key, value] of Object.entries(own)) made[key] = value;
  for (const [key, value] of Object.entries(attrs)) made.setAttribute(key, value);
  for (const [key, value] of Object.entries(aria)) made.setAttribute(`aria-${key}`, value);
  for (const [key, value] of Object.entries(data)) made.dataset[key] = value;
  for (const [kind, listener] of Object.entries(on)) made.addEventListener(kind, listener);
  made.append(...shown(children));
  return made;
}

const shown = (children) => children.flat(2).filter((child) => child !== null && child !== undefined && child !== "");

/** Put new children in the place of the old ones; what is null is left out. */
export function fill(box, ...children) {
  box.replaceChildren(...shown(children));
}

export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds + 1e-6)), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** Seconds of "1:02:03.5", "2:03" or "63"; null when it is no such time. */
export function parseClock(text) {
  if (!/^\d{1,3}(:\d{1,2}){0,2}([.,]\d+)?$/.test(text.trim())) return null;
  return text.trim().replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

export function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

let hiding = 0;
export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 6000);
}

/** Ask in the dialog; resolves to the form's values, or null when it was closed. `fields` are elements with names. */
export function ask(title, fields, { button = "Save" } = {}) {
  const dialog = $("dialog");
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog", className: "stack" }, ...fields,
      el("div", { className: "row" }, el("button", { className: "primary", value: "yes" }, button),
        el("button", { value: "", formNoValidate: true }, "Cancel")));
    dialog.replaceChildren(el("h2", { id: "dialog-head" }, title), form);
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" ? Object.fromEntries(new FormData(form)) : null);
    }, { once: true });
    dialog.showModal();
    form.querySelector("input[type=text], textarea")?.select();
  });
}
