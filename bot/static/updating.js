// How far an update is, from the API, again and again until it is over; then the page's parts as they are since.
import { fetchPage, refresh } from "/static/pages.js";

const LOOK_AGAIN_MS = 2000;
const REDRAW_MS = 10000;
let drawn = Date.now();

async function look() {
  const part = document.querySelector("[data-update]");
  if (!part) return;
  try {
    const response = await fetch(`/api/v1/admin/updates/${part.dataset.update}`, { credentials: "same-origin" });
    if (response.status === 401) location.reload();
    if (response.ok) await show(part, await response.json());
  } catch {
    // The service is away for a moment: it is asked again.
  }
  setTimeout(look, LOOK_AGAIN_MS);
}

async function show(part, run) {
  const is_new = run.finished_at !== null || (run.stage ?? "") !== part.dataset.stage;
  if (is_new || Date.now() - drawn > REDRAW_MS) {
    drawn = Date.now();
    refresh((await fetchPage(location.href)).page);
    return;
  }
  part.querySelector("progress").value = run.progress;
  part.querySelector("[data-percent]").textContent = `${Math.round(100 * run.progress)} %`;
}

look();
