// Pending answers by keyboard: from card to card, each approved, edited or retired by one key. Without it every button works.

const cards = () => [...document.querySelectorAll("[data-card]")];
const boxes = () => [...document.querySelectorAll("input[name=chosen][form=bulk]")];
let at = 0;

function show(index, focus = true) {
  const all = cards();
  if (!all.length) return;
  at = Math.min(all.length - 1, Math.max(0, index));
  all.forEach((card, place) => card.toggleAttribute("data-current", place === at));
  if (!focus) return;
  all[at].focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function count() {
  const bulk = document.querySelector("[data-bulk]");
  if (!bulk) return;
  const chosen = boxes().filter((box) => box.checked).length;
  bulk.querySelector("[data-count]").textContent = chosen;
  for (const button of bulk.querySelectorAll("button")) button.disabled = chosen === 0;
  // With nothing chosen it covers nothing.
  bulk.classList.toggle("idle", chosen === 0);
  bulk.querySelector("[data-all]").checked = chosen > 0 && chosen === boxes().length;
}

function press(key) {
  const target = cards()[at]?.querySelector(`[data-press="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.tagName !== "SUMMARY") return target.click() || true;
  target.parentElement.open = true;
  target.parentElement.querySelector("textarea").focus();
  return true;
}

function choose() {
  const box = boxes()[at];
  if (!box) return false;
  box.checked = !box.checked;
  count();
  return true;
}

function pressed(event) {
  const inField = event.target.matches?.("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && inField) return event.target.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && inField) return event.target.form?.requestSubmit();
  if (inField || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  const search = document.querySelector("[data-focus='/']");
  const undo = document.querySelector("[data-key=u]");
  const steps = {
    j: () => show(at + 1) || true,
    k: () => show(at - 1) || true,
    x: choose,
    "/": () => (search ? search.focus() || true : false),
    u: () => (undo ? undo.click() || true : false),
  };
  const done = event.key in steps ? steps[event.key]() : "are".includes(event.key) && press(event.key);
  if (done) event.preventDefault();
  return undefined;
}

document.addEventListener("keydown", (event) => { if (!event.repeat) pressed(event); });
document.addEventListener("focusin", (event) => {
  const place = cards().indexOf(event.target.closest("[data-card]"));
  if (place >= 0) show(place, false);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});
// What was asked and answered stands in the middle of its dialogue.
for (const origin of document.querySelectorAll(".origin")) {
  const asked = origin.querySelector(".judged");
  if (asked) origin.scrollTop = asked.offsetTop - (origin.clientHeight - asked.offsetHeight) / 2;
}
count();
show(0, Boolean(document.querySelector("[role=status]")));
