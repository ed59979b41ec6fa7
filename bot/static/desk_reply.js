// The reply box: suggestions and canned texts go into it, and what was typed is there again after another conversation.

const form = document.querySelector("form.reply");
export const box = form?.elements.text;
const list = document.getElementById("canned");
const options = list ? [...list.children] : [];
const SLOT = /‹\p{L}+›/u;
const TYPED = /(?<=^|\s)\/([\p{L}\p{N}_-]*)$/u;

let kept = "";

// What was typed is kept as long as this tab, for this conversation alone.
export function recall(conversation) {
  if (!box) return;
  kept = `reply:${conversation}`;
  if (!box.value) box.value = sessionStorage.getItem(kept) ?? "";
  box.addEventListener("input", () => {
    sessionStorage.setItem(kept, box.value);
    offer();
  });
}

export function forget() {
  sessionStorage.setItem(kept, box.value);
  form.elements.answer_id.value = "";
}

// Put a suggestion into the box; what is to be filled in is marked, so that typing replaces it.
export function useSuggestion(number) {
  const suggestion = document.querySelectorAll(".proposal")[number - 1];
  if (!suggestion || !box) return;
  const text = suggestion.querySelector(".said").textContent;
  const before = box.value.trim() ? `${box.value.trimEnd()}\n` : "";
  form.elements.answer_id.value = before ? "" : suggestion.dataset.answer;
  box.value = before + text;
  sessionStorage.setItem(kept, box.value);
  box.focus();
  const slot = SLOT.exec(text);
  const start = slot ? before.length + slot.index : box.value.length;
  box.setSelectionRange(start, start + (slot ? slot[0].length : 0));
}

export function sendSuggestion(number) {
  document.querySelector(`[data-send="${number}"]`)?.click();
}

// Canned texts: what follows a slash narrows the list, Enter or Tab takes the marked one, Escape closes it.

const shown = () => options.filter((option) => !option.hidden);
const marked = () => options.find((option) => option.getAttribute("aria-selected") === "true");

function mark(option) {
  for (const one of options) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    box.removeAttribute("aria-activedescendant");
  }
}

function close() {
  list.hidden = true;
  mark(null);
}

function offer() {
  const typed = TYPED.exec(box.value.slice(0, box.selectionStart));
  if (!typed) return close();
  for (const option of options) option.hidden = !option.dataset.shortcut.startsWith(typed[1].toLowerCase());
  list.hidden = shown().length === 0;
  mark(list.hidden ? null : shown()[0]);
}

function insert(option) {
  const end = box.selectionStart;
  const start = end - TYPED.exec(box.value.slice(0, end))[0].length;
  box.setRangeText(option.querySelector("span").textContent, start, end, "end");
  sessionStorage.setItem(kept, box.value);
  close();
  box.focus();
}

box?.addEventListener("keydown", (event) => {
  if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey) return;
  const [found, place] = [shown(), shown().indexOf(marked())];
  if (event.key === "ArrowDown") mark(found[(place + 1) % found.length]);
  else if (event.key === "ArrowUp") mark(found[(place - 1 + found.length) % found.length]);
  else if (event.key === "Enter" || event.key === "Tab") insert(marked());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
box?.addEventListener("blur", close);
list?.addEventListener("mousedown", (event) => {
  // The box keeps the focus.
  event.preventDefault();
  const option = event.target.closest("[role=option]");
  if (option) insert(option);
});
