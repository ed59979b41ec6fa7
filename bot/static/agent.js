// The agent's desk: follows the conversations, says who is there, and sends without leaving the page.

import { listenToKeys } from "./desk_keys.js";
import { box, forget, recall, useSuggestion } from "./desk_reply.js";
import { fetchPage, localTimes, refresh } from "./pages.js";

const EVERY = 2000;
// In the background only the title is seen.
const EVERY_HIDDEN = 10_000;
const SIGN_EVERY = 20_000;
const scroll = document.querySelector(".scroll");
const offline = document.getElementById("offline");
const log = document.getElementById("log");
const conversation = document.querySelector(".desk").dataset.conversation;
const HERE = "form.reply, form.suggested, form.noting, #notes form";

function toEnd() {
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
}

function show(page) {
  const atEnd = scroll && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const changed = refresh(page);
  document.title = page.title;
  const newer = page.getElementById("log");
  if (newer) log.dataset.seen = newer.dataset.seen;
  if (changed.includes("log") && atEnd) toEnd();
  // Somebody else took or closed the conversation: the box goes, or comes back. What was typed is kept.
  const [mine, theirs] = [document.getElementById("write"), page.getElementById("write")];
  if (mine && theirs && mine.dataset.keep !== theirs.dataset.keep) location.reload();
}

// The server leaves out what this page has shown already.
function address() {
  const here = new URL(location.pathname, location.origin);
  if (conversation) here.search = new URLSearchParams({ conversation, seen: log.dataset.seen });
  return here;
}

let following = false;
let lastLook = 0;
async function follow() {
  if (following || (document.hidden && Date.now() - lastLook < EVERY_HIDDEN)) return;
  following = true;
  lastLook = Date.now();
  try {
    const { response, page } = await fetchPage(address());
    if (!response.ok) throw new Error(response.statusText);
    show(page);
    if (offline) offline.hidden = true;
  } catch {
    if (offline) offline.hidden = false;
  } finally {
    following = false;
  }
}

async function signOfLife() {
  const token = document.querySelector("[name=csrf_token]")?.value ?? "";
  try {
    await fetch("/api/v1/agent/presence", {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(conversation ? { conversation_id: conversation } : {}),
    });
  } catch {
    // The next sign is twenty seconds away, and what cannot be reached is said by the conversation itself.
  }
}

async function send(form) {
  const button = form.querySelector("button");
  const field = form.elements.text;
  if (button.disabled || (field && !field.value.trim())) return;
  button.disabled = true;
  const sent = field?.value;
  const body = new URLSearchParams(new FormData(form));
  try {
    const { response, page } = await fetchPage(form.action, { method: "POST", body });
    if (!response.ok) {
      alertWith(page.querySelector("[role=alert]")?.textContent.trim() || response.statusText);
      return;
    }
    // What was typed meanwhile stays.
    if (field?.tagName === "TEXTAREA" && field.value.startsWith(sent)) field.value = field.value.slice(sent.length);
    if (form.matches(".reply")) forget();
    alertWith("");
    show(page);
    if (!form.matches(".noting, #notes form")) toEnd();
  } catch {
    offline.hidden = false;
  } finally {
    button.disabled = false;
    if (form.matches(".reply")) box.focus();
  }
}

function alertWith(text) {
  document.getElementById("problem")?.remove();
  if (!text) return;
  const notice = Object.assign(document.createElement("p"), { id: "problem", className: "notice bad", textContent: text });
  notice.setAttribute("role", "alert");
  document.getElementById("write").before(notice);
}

document.documentElement.classList.add("js");
document.addEventListener("submit", (event) => {
  if (!event.target.matches(HERE)) return;
  event.preventDefault();
  send(event.target);
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (event.target.tagName !== "TEXTAREA") return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (button && box) useSuggestion(Number(button.dataset.use));
});

localTimes(document);
recall(conversation);
listenToKeys();
toEnd();
signOfLife();
setInterval(follow, EVERY);
setInterval(signOfLife, SIGN_EVERY);
document.addEventListener("visibilitychange", () => {
  lastLook = 0;
  follow();
});
