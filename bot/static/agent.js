// The agent's desk: follows the conversations every two seconds, and sends without leaving the page.

import { fetchPage, localTimes, refresh } from "./pages.js";

const EVERY = 2000;
const scroll = document.querySelector(".scroll");
const offline = document.getElementById("offline");
const form = document.querySelector("form.reply");
const box = form?.elements.text;

function toEnd() {
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
}

function show(page) {
  const atEnd = scroll && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const changed = refresh(page);
  document.title = page.title;
  if (changed.includes("log") && atEnd) toEnd();
  // Somebody else took or closed the conversation: the box goes, or comes back.
  const [mine, theirs] = [document.getElementById("write"), page.getElementById("write")];
  if (mine && theirs && mine.dataset.keep !== theirs.dataset.keep) location.reload();
}

let following = false;
async function follow() {
  if (following || document.hidden) return;
  following = true;
  try {
    const { response, page } = await fetchPage(location.href);
    if (!response.ok) throw new Error(response.statusText);
    show(page);
    if (offline) offline.hidden = true;
  } catch {
    if (offline) offline.hidden = false;
  } finally {
    following = false;
  }
}

async function send() {
  const button = form.querySelector("button");
  if (button.disabled || !box.value.trim()) return;
  button.disabled = true;
  try {
    const { response, page } = await fetchPage(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!response.ok) {
      alertWith(page.querySelector("[role=alert]")?.textContent.trim() || response.statusText);
      return;
    }
    box.value = "";
    alertWith("");
    show(page);
    toEnd();
  } catch {
    offline.hidden = false;
  } finally {
    button.disabled = false;
    box.focus();
  }
}

function alertWith(text) {
  document.getElementById("problem")?.remove();
  if (!text) return;
  const notice = Object.assign(document.createElement("p"), { id: "problem", className: "notice bad", textContent: text });
  notice.setAttribute("role", "alert");
  form.before(notice);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
box?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (!button || !box) return;
  const text = document.getElementById(button.dataset.use).textContent;
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n${text}` : text;
  button.closest("details").open = false;
  box.focus();
});

localTimes(document);
toEnd();
setInterval(follow, EVERY);
document.addEventListener("visibilitychange", follow);
