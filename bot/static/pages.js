// What the pages do beyond plain forms: moments in the reader's own time, search as one types, one sending a form.
// Without this file every page still works.

const language = document.documentElement.lang;
// As the reader's region writes them: a British browser says 14:05 where an American one says 2:05 PM.
const region = navigator.languages.find((name) => name.split("-")[0] === language.split("-")[0]) || language;
const sameDay = new Intl.DateTimeFormat(region, { hour: "2-digit", minute: "2-digit" });
const otherDay = new Intl.DateTimeFormat(region, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const inFull = new Intl.DateTimeFormat(region, { dateStyle: "full", timeStyle: "medium" });

export function localTimes(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    time.textContent = (at.toDateString() === today ? sameDay : otherDay).format(at);
    time.title = inFull.format(at);
  }
}

// The same page as it is now. The server has escaped what is in it; a login that is over leads to the form.
export async function fetchPage(address, options = {}) {
  const response = await fetch(address, { credentials: "same-origin", ...options });
  if (response.redirected && new URL(response.url).pathname === "/login") location.reload();
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  localTimes(page);
  return { response, page };
}

// Put the live parts of a newer copy of this page in place of those that changed; what has the focus keeps it.
// What the reader opened or marked in a part is no change of it: a copy is compared with the one before.
const shown = new WeakMap();
export function refresh(page) {
  const changed = [];
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = page.getElementById(part.id);
    const before = shown.get(part) ?? part.innerHTML;
    if (newer) shown.set(part, newer.innerHTML);
    if (!newer || newer.innerHTML === before) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const open = [...part.querySelectorAll("details")].map((details) => details.open);
    part.replaceChildren(...newer.childNodes);
    [...part.querySelectorAll("details")].forEach((details, index) => { details.open = open[index] ?? details.open; });
    const same = focused && [...part.querySelectorAll(focused.tagName)].find((one) => nameOf(one) === nameOf(focused));
    if (same) same.focus({ preventScroll: true });
    changed.push(part.id);
  }
  return changed;
}

const nameOf = (element) => element.getAttribute("href") || element.textContent.trim();

for (const form of document.querySelectorAll("form[data-search]")) {
  let latest = 0;
  let timer;
  const search = async () => {
    const mine = ++latest;
    const address = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
    const { page } = await fetchPage(address);
    if (mine === latest) refresh(page);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
}

// What is under way is looked at again and again, until it is over.
const LOOK_AGAIN_MS = 2000;
async function watch() {
  const { page } = await fetchPage(location.href);
  // Asked before the newer parts leave that copy for this page.
  const running = page.querySelector("[data-running]") !== null;
  refresh(page);
  if (running) setTimeout(watch, LOOK_AGAIN_MS);
}
if (document.querySelector("[data-running]")) setTimeout(watch, LOOK_AGAIN_MS);

// A second click while the first is under way is not a second decision.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

localTimes(document);
