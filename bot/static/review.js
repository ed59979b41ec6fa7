// The review queue by keyboard. Every key presses, opens or focuses what stands on the page: data-key, data-focus.

import { fetchPage, refresh } from "./pages.js";

const dialog = document.getElementById("keys");
const boxes = () => [...document.querySelectorAll("#bulk input[type=checkbox]")];
const entries = () => [...document.querySelectorAll("#bulk .entry > a")];
const by = (name, key) => document.querySelector(`[data-${name}="${CSS.escape(key)}"]`);

function help() {
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

function move(step) {
  const links = entries();
  const at = links.findIndex((link) => link.getAttribute("aria-current"));
  const next = links[Math.min(links.length - 1, Math.max(0, at + step))];
  // At either end there is nowhere to go.
  if (next && !next.getAttribute("aria-current")) next.click();
}

function select() {
  const current = document.querySelector("#bulk .entry > a[aria-current]") ?? entries()[0];
  const box = current?.parentElement.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  count();
}

// What is chosen is kept while one looks at others, and forgotten with the decision.
const KEPT = "review-chosen";
function count() {
  const chosen = boxes().filter((box) => box.checked);
  sessionStorage.setItem(KEPT, JSON.stringify(chosen.map((box) => box.value)));
  const bulk = document.querySelector("[data-bulk]");
  if (!bulk) return;
  bulk.hidden = chosen.length === 0;
  bulk.querySelector("[data-count]").textContent = chosen.length;
}

function focus(target) {
  target.closest("details")?.setAttribute("open", "");
  const field = target.tagName === "SUMMARY" ? target.parentElement.querySelector("textarea, select") : target;
  field.focus();
  field.select?.();
}

function pressed(event) {
  const inField = event.target.matches?.("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && inField) return event.target.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && inField) return event.target.form?.requestSubmit();
  if (event.key === "ArrowDown" && event.target.id === "search") {
    const first = document.querySelector("#results button");
    if (!first) return false;
    event.preventDefault();
    return first.focus();
  }
  if (inField || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (event.key === "?") return act(event, help);
  if (dialog.open) return false;
  if (event.key === "j") return act(event, () => move(1));
  if (event.key === "k") return act(event, () => move(-1));
  if (event.key === "x") return act(event, select);
  const button = by("key", event.key);
  if (button && !button.closest("[hidden]")) return act(event, () => button.click());
  const target = by("focus", event.key);
  return target ? act(event, () => focus(target)) : false;
}

function act(event, action) {
  event.preventDefault();
  action();
  return true;
}

// A key is one press, however long it is held: the next page must not be decided by the last one's key.
document.addEventListener("keydown", (event) => { if (!event.repeat) pressed(event); });
for (const opener of document.querySelectorAll("[data-keys]")) {
  opener.hidden = false;
  opener.addEventListener("click", help);
}
document.getElementById("bulk")?.addEventListener("change", count);
document.getElementById("bulk")?.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
const kept = new Set(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
for (const box of boxes()) box.checked = kept.has(box.value);
count();
document.querySelector("#bulk .entry > a[aria-current]")?.scrollIntoView({ block: "nearest" });

// Reading the question again takes the model a moment: the page is there before it.
const reading = document.querySelector("[data-fetch]");
if (reading) {
  const { response, page } = await fetchPage(reading.dataset.fetch);
  if (response.ok) refresh(page);
}
