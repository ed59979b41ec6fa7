// The desk's keys: single ones, never while somebody types, and not at all where they are switched off.

import { box, sendSuggestion, useSuggestion } from "./desk_reply.js";

const FIELDS = "input, textarea, select, [contenteditable], dialog";
const OFF = "weaver-single-keys-off";
const help = document.getElementById("keys");
const single = document.getElementById("single-keys");

function move(by) {
  const links = [...document.querySelectorAll("#list a")];
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  if (links[next]) location.assign(links[next].href);
}

const button = (key) => document.querySelector(`[data-key="${key}"]`);
const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  t: () => button("t")?.click(),
  b: () => button("b")?.click(),
  // What ends a conversation for good wants a second key.
  c: () => button("c")?.focus(),
  r: () => box?.focus(),
  n: () => document.querySelector(".noting textarea")?.focus(),
  "?": () => help.showModal(),
};

function digit(event) {
  return /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1];
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest?.(FIELDS);
  if (event.key === "Escape" && typing && !typing.matches("dialog")) {
    event.target.blur();
    return;
  }
  if (typing || !single.checked) return;
  const number = digit(event);
  const act = number ? () => (event.shiftKey ? sendSuggestion(number) : useSuggestion(Number(number))) : ACTIONS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function listenToKeys() {
  const opener = document.getElementById("help");
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  single.checked = localStorage.getItem(OFF) === null;
  single.addEventListener("change", () => {
    if (single.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
  document.addEventListener("keydown", pressed);
}
