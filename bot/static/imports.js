// Files dropped on the page, sent one after the other with their progress. Without this file the form sends one.

const form = document.querySelector("[data-drop]");
const zone = form.querySelector(".zone");
const field = form.querySelector("input[type=file]");
const status = form.querySelector("[data-status]");
const problem = form.querySelector("[data-problem]");
const HERE = "/admin/imports";
field.multiple = true;

const say = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

function tell(sentence) {
  problem.hidden = !sentence;
  problem.textContent = sentence;
}

function show(file, share) {
  const percent = Math.round(100 * share);
  status.hidden = false;
  status.querySelector("progress").value = share;
  status.querySelector("[data-said]").textContent = say(form.dataset.sentText, { name: file.name, percent });
}

// What the server says, or null when the connection was cut.
function send(file) {
  const body = new FormData(form);
  body.set("file", file, file.name);
  body.set("size", file.size);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.drop);
    request.setRequestHeader("X-CSRF-Token", body.get("csrf_token"));
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => show(file, event.total ? event.loaded / event.total : 0));
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => resolve(null));
    request.addEventListener("abort", () => resolve(null));
    request.send(body);
  });
}

async function sendAll(files) {
  if (!files.length || form.dataset.sent) return;
  form.dataset.sent = "yes";
  tell("");
  let failed = false;
  for (const file of files) {
    show(file, 0);
    const answer = await send(file);
    if (answer?.status === 401) return location.assign(`/login?lost=true&next=${encodeURIComponent(HERE)}`);
    if (answer?.status === 202) continue;
    failed = true;
    tell(answer?.response?.detail ?? say(form.dataset.lostText, { name: file.name }));
    break;
  }
  status.hidden = true;
  delete form.dataset.sent;
  field.value = "";
  if (!failed) location.assign(HERE);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sendAll([...field.files]);
});
field.addEventListener("change", () => { if (form.reportValidity()) sendAll([...field.files]); });
for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => zone.classList.remove("over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  sendAll([...event.dataTransfer.files]);
});
// What is dropped beside it does not open in place of the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
