// Weaver's chat widget: <weaver-chat>, a custom element with a shadow root. What a page can set: docs/widget.md.

const ANSWERING = /^(bot|agent)$/;
const REASONS = ["wrong", "unclear", "outdated", "other"];
const PHONE = matchMedia("(max-width: 480px)");

class WeaverChat extends HTMLElement {
  listeners = {};
  drawVote = new Map(); // message id → redraws its thumbs
  votings = {};
  attachments = []; // images for the next message: {node, stored?}
  pictures = new Map(); // attachment id → its drawn canvas, or the promise of its file

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.locale = localeOf(options.locale || document.documentElement.lang || navigator.language);
    this.conversation = new Conversation(this.locale, (what, detail) => this.changed(what, detail));
    this.build();
    this.applyOptions();
    this.translate();
    this.drawAll();
    if (this.conversation.session || this.conversation.outbox.length) this.conversation.connection.connect();
  }

  text(key, values = {}) {
    const { texts } = this.conversation.config;
    return fill(this.texts?.[key] || texts?.[key] || TEXTS[languageOf(this.locale)][key] || key, values);
  }

  build() {
    const ui = (this.ui = {});
    const make = (tag, id, properties, ...children) => (ui[id] = h(tag, { id, ...properties }, ...children));
    make("span", "badge", { hidden: true });
    make("span", "news", { className: "quiet", role: "status" });
    make("button", "launcher", { "aria-controls": "panel", onclick: () => this.toggle() },
      icon("chat"), icon("down"), ui.badge);
    make("h2", "title");
    make("p", "mode");
    make("span", "face", { className: "avatar" });
    make("button", "sound", { className: "tool", onclick: () => this.switchSound() });
    make("button", "transcript", { className: "tool", onclick: () => this.download() }, icon("save"));
    make("button", "close", { onclick: () => this.close() }, icon("down"));
    make("span", "bannerText");
    make("button", "reconnect", { onclick: () => this.conversation.connection.connectNow() });
    make("div", "banner", { role: "status", hidden: true }, ui.bannerText, ui.reconnect);
    make("div", "greeting", { hidden: true });
    make("div", "events");
    make("div", "outbox");
    make("div", "typing", { hidden: true }, h("i"), h("i"), h("i"));
    make("div", "log", { role: "log", "aria-live": "polite", tabIndex: 0, onscroll: () => this.scrolled() },
      ui.greeting, ui.events, ui.outbox, ui.typing);
    make("button", "jump", { hidden: true, onclick: () => this.scrollDown() });
    make("span", "handoffText");
    make("button", "handoff", { onclick: () => this.conversation.handoff() }, icon("agent"), ui.handoffText);
    make("span", "limit", { role: "status" });
    make("textarea", "input", { rows: 1, oninput: () => this.typed(), onkeydown: (event) => this.keyed(event) });
    make("button", "send", { type: "submit" }, icon("send"));
    make("input", "file", {
      type: "file", accept: "image/png,image/jpeg,image/webp,image/gif", multiple: true, hidden: true,
      onchange: ({ target }) => { this.attach(target.files); target.value = ""; },
    });
    make("button", "attach", { onclick: () => ui.file.click() }, icon("clip"));
    make("div", "attachments", { hidden: true });
    make("form", "composer", { onsubmit: (event) => this.submit(event) }, ui.attach, ui.file, ui.input, ui.send);
    const header = h("div", { id: "header" }, ui.face, h("div", {}, ui.title, ui.mode), ui.sound, ui.transcript, ui.close);
    const tools = h("div", { className: "tools" }, ui.handoff, ui.limit);
    const dropping = (event, over) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault(); // or the browser leaves the shop for the file
      ui.panel.classList.toggle("dropping", over);
      if (event.type === "drop") this.attach(event.dataTransfer.files);
    };
    const properties = {
      "aria-labelledby": "title", onkeydown: (event) => this.escape(event),
      onclose: () => this.isOpen || this.closed(), // by the back gesture of a phone
      ondragover: (event) => dropping(event, true), ondragleave: (event) => dropping(event, false),
      ondrop: (event) => dropping(event, false),
      onpaste: (event) => {
        const { files, types } = event.clipboardData;
        if (!files.length || types.includes("text/plain")) return; // a text that was copied with its picture
        event.preventDefault();
        this.attach(files);
      },
    };
    make("dialog", "panel", properties,
      header, ui.banner, ui.log, ui.jump, tools, ui.attachments, ui.composer);
    this.shadowRoot.append(ui.launcher, ui.news, ui.panel);
    PHONE.onchange = () => this.isOpen && this.show();
  }

  // What the page's author set on the script tag.
  applyOptions() {
    if (options.position) this.dataset.position = options.position;
    if (CSS.supports("color", options.color)) this.style.setProperty("--accent", options.color);
    this.setTheme(options.theme);
  }

  setTheme(theme = "auto") {
    this.dataset.theme = theme; // anything but light and dark is what the system prefers
  }

  translate() {
    const { ui } = this;
    this.lang = this.texts ? this.locale : languageOf(this.locale);
    this.dir = options.dir || (RIGHT_TO_LEFT.test(this.locale) ? "rtl" : "ltr");
    ui.title.textContent = options.title || this.text("title");
    ui.close.ariaLabel = ui.close.title = this.text("close");
    ui.log.ariaLabel = this.text("log");
    ui.input.placeholder = ui.input.ariaLabel = this.text("input");
    for (const name of ["send", "attach", "sound", "transcript"]) ui[name].ariaLabel = ui[name].title = this.text(name);
    ui.reconnect.textContent = this.text("retry");
    ui.jump.textContent = `↓ ${this.text("newMessages")}`;
    this.drawBadge();
    this.drawMode();
    this.drawBanner();
    this.drawSound();
    this.typed();
  }

  changed(what, detail) {
    const draw = {
      connection: () => this.drawConnection(),
      welcome: () => this.welcomed(),
      event: () => this.drawEvent(detail),
      outbox: () => this.drawOutgoing(detail),
      discard: () => detail.node?.remove(),
      reset: () => this.forget(),
      status: () => this.drawMode(),
      typing: () => this.showTyping(),
      thanked: () => this.thanked(detail),
      refused: () => this.notice(detail),
    };
    draw[what]();
  }

  emit(name, detail) {
    // In a microtask: a listener that throws must not stop the chat.
    for (const listener of this.listeners[name] || []) queueMicrotask(() => listener(detail));
  }

  on(name, listener) {
    (this.listeners[name] ||= new Set()).add(listener);
    return () => this.off(name, listener);
  }

  off(name, listener) {
    this.listeners[name]?.delete(listener);
  }

  get isOpen() { return this.ui.panel.open; }

  open() {
    this.conversation.connection.connect();
    if (this.isOpen) return this.focusInput();
    this.show();
    this.shown = true;
    this.emit("open");
  }

  // On a phone it is all that can be reached; elsewhere the page stays in use beside it.
  show() {
    const { panel, log } = this.ui;
    if (this.isOpen) panel.close();
    if (PHONE.matches) panel.showModal();
    else panel.show();
    log.scrollTop = log.scrollHeight;
    this.drawBadge();
    this.focusInput();
  }

  // A touch screen's keyboard would hide what the customer came to read.
  focusInput() {
    (matchMedia("(pointer: coarse)").matches ? this.ui.log : this.ui.input).focus({ preventScroll: true });
  }

  close() {
    this.ui.panel.close();
    this.closed();
  }

  // The focus goes back by itself to what had it, where something had.
  closed() {
    const { launcher } = this.ui;
    if (!this.shown) return;
    this.shown = false;
    if (document.activeElement === document.body) launcher.focus({ preventScroll: true });
    this.drawBadge();
    this.emit("close");
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  switchSound() {
    storage.set("sound", !storage.get("sound"));
    this.drawSound();
    if (storage.get("sound")) chime(); // a sample, and browsers want a click before the first
  }

  drawSound() {
    const on = Boolean(storage.get("sound"));
    this.ui.sound.ariaPressed = String(on);
    this.ui.sound.replaceChildren(icon(on ? "sound" : "mute"));
  }

  // As a text file.
  download() {
    const said = this.conversation.events.map((event) => {
      const images = (event.attachments || []).map(({ text_found: found }) => this.imageLabel(found));
      const words = event.type === "status" ? [this.statusOf(event.mode)] : [...images, event.text];
      return `[${this.moment(event.at, { dateStyle: "short", timeStyle: "short" })}] ${this.nameOf(event)}: ${words.join("\n")}`;
    });
    const file = new Blob([`${this.ui.title.textContent}\n\n`, said.join("\n\n"), "\n"], { type: "text/plain" });
    const link = h("a", { href: URL.createObjectURL(file), download: `chat-${new Date().toISOString().slice(0, 10)}.txt` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  send(text, attachments = []) {
    const trimmed = String(text).trim();
    if (!trimmed && !attachments.length) return;
    this.conversation.send(trimmed, attachments);
    this.stopAsking();
    this.scrollDown();
  }

  stopAsking() {
    for (const [id, draw] of this.drawVote) {
      this.voting(id).asking = false;
      draw();
    }
  }

  setLocale(locale, texts) {
    this.locale = this.conversation.locale = localeOf(locale);
    this.texts = texts;
    this.conversation.config = { ...this.conversation.config, texts: undefined };
    this.translate();
    this.drawAll();
    this.conversation.connection.reconnect(); // the greeting and the answers follow the language
  }

  identify(jwt) {
    this.conversation.identify(jwt);
  }

  submit(event) {
    event.preventDefault();
    const { input, send } = this.ui;
    if (send.disabled) return;
    this.send(input.value, this.attachments.map(({ stored }) => stored));
    input.value = "";
    for (const one of [...this.attachments]) this.detach(one);
    this.typed();
    input.focus();
  }

  attach(files) {
    const most = this.conversation.config.limits?.attachments ?? 0;
    const taken = [...files].slice(0, Math.max(0, most - this.attachments.length));
    for (const file of taken) this.upload(this.chip(), file);
    if (taken.length < files.length) this.warn(most ? this.text("tooMany", { n: most }) : this.text("notUploaded"));
  }

  chip(stored) {
    const one = { node: h("div", { className: "attachment", "aria-busy": String(!stored) }), stored };
    const label = this.text("detach");
    const remove = () => {
      this.detach(one);
      this.ui.input.focus();
    };
    one.node.append(h("canvas"), h("button", { className: "detach", title: label, "aria-label": label, onclick: remove }, "×"));
    this.attachments.push(one);
    this.ui.attachments.append(one.node);
    this.typed();
    return one;
  }

  async upload(one, file) {
    const { conversation } = this;
    this.preview(one, file);
    try {
      const sent = await small(file, conversation.config.limits.attachment_bytes);
      one.stored = await conversation.upload(sent);
      this.pictures.set(one.stored.id, Promise.resolve(sent));
      one.node.ariaBusy = "false";
      this.typed();
    } catch (error) {
      if (!this.attachments.includes(one)) return;
      this.detach(one);
      const { code, message } = error;
      this.warn(this.cause({ error: code || "notUploaded", detail: message }));
    }
  }

  // What is no image draws nothing here; the server says so.
  preview({ node: { firstChild: canvas } }, file) {
    const name = { role: "img", ariaLabel: file.name || this.text("image") };
    drawn(file, 256, 256, canvas).then(() => Object.assign(canvas, name)).catch(() => {});
  }

  detach(one) {
    this.attachments = this.attachments.filter((other) => other !== one);
    one.node.remove();
    this.typed();
  }

  // Until the picture is there its place is kept.
  picture(image) {
    const { id, width, height, text_found: found } = image;
    const canvas = h("canvas", { className: "image", width: Math.min(width, 560), height: Math.min(height, (height * 560) / width) });
    Object.assign(canvas, { role: "img", ariaLabel: this.imageLabel(found) });
    if (!this.pictures.has(id)) this.pictures.set(id, this.conversation.image(image));
    this.pictures.get(id).then((file) => drawn(file, 560, 4000, canvas)).catch(() => this.pictures.delete(id));
    return canvas;
  }

  imageLabel(found) {
    return found ? this.text("imageSaying", { text: found.slice(0, 200) }) : this.text("image");
  }

  keyed(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) this.submit(event);
  }

  escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    this.close();
  }

  typed() {
    const { input, limit, send, attachments } = this.ui;
    const values = { n: characters(input.value.trim()), max: this.conversation.limit };
    const tooLong = values.n > values.max;
    const count = values.n > 0.8 * values.max ? `${values.n} / ${values.max}` : "";
    const [images, uploading] = [this.attachments.length, this.attachments.some(({ stored }) => !stored)];
    const state = uploading ? this.text("uploading") : count || (images ? this.text("attached") : "");
    limit.textContent = tooLong ? this.text("text_too_long", values) : state;
    limit.className = tooLong ? "over" : "";
    input.ariaInvalid = String(tooLong);
    send.disabled = tooLong || uploading || !(values.n || images);
    const pinned = this.pinned();
    attachments.hidden = !images;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
    if (pinned) this.scrollDown();
    if (values.n) this.conversation.tellTyping();
  }

  forget() {
    // Images belong to one conversation.
    for (const one of this.conversation.session ? [] : [...this.attachments]) this.detach(one);
    this.drawAll();
  }

  drawAll() {
    const { ui, conversation } = this;
    ui.log.ariaBusy = "true"; // a history is not news: screen readers wait
    this.drawVote.clear();
    ui.events.replaceChildren();
    ui.outbox.replaceChildren();
    let previousMode = "bot";
    for (const event of conversation.events) {
      this.append(event, previousMode);
      if (event.type === "status") previousMode = event.mode;
    }
    for (const entry of conversation.outbox) this.drawOutgoing(entry);
    this.retireSuggestions();
    this.drawMode();
    this.scrollDown();
    ui.log.ariaBusy = "false";
  }

  drawConnection() {
    this.drawBanner();
    this.ui.typing.hidden = true;
    for (const entry of this.conversation.outbox) this.drawOutgoing(entry);
  }

  drawBanner() {
    const { banner, bannerText } = this.ui;
    const { attempts, online } = this.conversation.connection;
    banner.hidden = online || !attempts;
    bannerText.textContent = this.text(navigator.onLine ? "reconnecting" : "offline");
  }

  welcomed() {
    const { ui, conversation } = this;
    const words = this.texts?.greeting || conversation.config.greeting;
    const locale = localeOf(conversation.config.locale || this.locale);
    if (locale !== this.locale) {
      this.locale = conversation.locale = locale;
      this.drawAll();
    }
    ui.greeting.hidden = !words;
    const bubble = h("div", { className: "bubble", dir: "auto" }, ...markdown(words || ""));
    ui.greeting.replaceChildren(h("span", { className: "avatar" }, icon("bot")), bubble);
    ui.log.ariaBusy = String(conversation.replayUntil > conversation.lastSeq);
    this.translate();
    this.drawConnection();
  }

  drawEvent({ event, own, previousMode, replayed }) {
    const pinned = this.pinned();
    this.append(event, previousMode, own?.node).classList.toggle("fresh", !replayed && !own);
    if (event.role !== "customer") this.ui.typing.hidden = true;
    if (this.conversation.lastSeq >= this.conversation.replayUntil) {
      this.retireSuggestions();
      this.ui.log.ariaBusy = "false";
    }
    if (pinned || own) this.scrollDown();
    else this.ui.jump.hidden = false;
    this.drawBadge();
    this.drawMode();
    const unseen = !this.isOpen || !document.hasFocus();
    if (unseen && !replayed && ANSWERING.test(event.role) && storage.get("sound")) chime();
    this.emit(event.type, { ...event, replayed });
  }

  append(event, previousMode, node) {
    const drawn = event.type === "status" ? this.statusLine(event, previousMode) : this.message(event, node);
    drawn.dataset.seq = event.seq;
    this.ui.events.append(drawn);
    return drawn;
  }

  statusOf(mode) {
    return this.text(mode === "bot" ? "back" : `mode_${mode}`);
  }

  statusLine({ mode }, previousMode) {
    const line = h("div", { className: "status", hidden: mode === previousMode });
    line.dataset.mode = mode;
    line.append(this.statusOf(mode));
    if (mode === "closed") {
      const onclick = () => this.conversation.startAgain();
      line.append(h("button", { className: "restart", onclick }, this.text("restart")));
    }
    return line;
  }

  message(event, node = h("div")) {
    const { role, id, text, attachments } = event;
    const answers = ANSWERING.test(role);
    // There is nothing to judge in a courtesy: the memory has no part in it.
    const rated = role === "bot" && event.confidence > 0 && this.feedback(event);
    node.className = "message";
    Object.assign(node.dataset, { role, state: "sent", ...(id && { id }) });
    node.replaceChildren(
      ...(answers ? [h("span", { className: "avatar" }, icon(role))] : []),
      h("span", { className: role === "agent" ? "name" : "name quiet" }, this.nameOf(event)),
      ...(attachments || []).map((image) => this.picture(image)),
      ...(text ? [h("div", { className: "bubble", dir: "auto" }, ...(role === "customer" ? [text] : markdown(text)))] : []),
      ...(event.sources?.length ? [this.sources(event.sources)] : []),
      ...(event.suggestions?.length ? [this.suggestions(event.suggestions)] : []),
      ...(event.related?.length ? [this.suggestions(event.related, this.text("related"))] : []),
      h("div", { className: "meta" }, this.time(event.at), ...(rated ? rated.thumbs : [])),
      ...(rated ? [rated.form] : []),
    );
    return node;
  }

  nameOf({ role = "system", author }) {
    return author || this.text(role === "customer" ? "you" : role);
  }

  moment(at, format) {
    const region = navigator.languages.find((language) => language.startsWith(this.locale)) || this.locale;
    return new Intl.DateTimeFormat(region, format).format(new Date(at));
  }

  time(at) {
    const today = new Date(at).toDateString() === new Date().toDateString();
    const format = { hour: "numeric", minute: "2-digit", ...(!today && { day: "numeric", month: "short" }) };
    return h("time", { dateTime: at }, this.moment(at, format));
  }

  sources(sources) {
    const titles = sources.map(({ title }) => title).filter(Boolean).join(" · ");
    return h("div", { className: "sources", dir: "auto" }, this.text("source", { titles }));
  }

  suggestions(suggestions, words) {
    const button = ({ title, answer_id: id }) => h("button", {
      className: "suggestion", dir: "auto", "data-answer-id": id, onclick: () => this.send(title),
    }, title);
    const heading = words ? [h("div", { className: "sources" }, words)] : [];
    return h("div", { className: "suggestions" }, ...heading, ...suggestions.map(button));
  }

  // Each message's suggestions are open until the customer takes one of them, or says something else.
  retireSuggestions() {
    let open = [];
    for (const node of this.shadowRoot.querySelectorAll(".message")) {
      const buttons = [...node.querySelectorAll(".suggestion")];
      const said = node.dataset.role === "customer" && node.querySelector(".bubble")?.textContent;
      const offers = (choices) => choices.some(({ textContent: title }) => title === said);
      const taken = said ? (open.some(offers) ? open.filter(offers) : open) : [];
      for (const button of taken.flat()) button.disabled = true;
      open = [...open.filter((choices) => !taken.includes(choices)), buttons];
    }
  }

  feedback({ id }) {
    const { votes } = this.conversation;
    const thumb = (rating) => h("button", {
      className: `thumb thumb-${rating}`, title: this.text(rating), "aria-label": this.text(rating),
      onclick: () => this.rate(id, { rating }),
    }, icon("thumb"));
    const chip = (reason) => h("button", {
      className: "reason", "data-reason": reason, onclick: () => this.rate(id, { ...votes[id], reason }),
    }, this.text(reason));
    const [up, down, chips] = [thumb("up"), thumb("down"), REASONS.map(chip)];
    const thanks = h("span", { className: "thanks", role: "status" });
    const comment = h("input", {
      className: "comment", maxLength: 1000, placeholder: this.text("comment"), "aria-label": this.text("comment"),
    });
    const label = this.text("sendComment");
    const sendComment = h("button", { type: "submit", className: "comment-send", "aria-label": label }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      if (comment.value.trim()) this.rate(id, { ...votes[id], comment: comment.value.trim() });
      this.voting(id).asking = false;
      draw();
    };
    const form = h("form", { className: "reasons", onsubmit: submit },
      h("p", {}, this.text("why")), h("div", {}, ...chips), h("div", {}, comment, sendComment));
    const draw = () => {
      const { rating, reason } = votes[id] || {};
      up.ariaPressed = String(rating === "up");
      down.ariaPressed = String(rating === "down");
      for (const button of chips) button.ariaPressed = String(button.dataset.reason === reason);
      form.hidden = !this.voting(id).asking;
      thanks.textContent = this.voting(id).thanked ? this.text("thanks") : "";
    };
    this.drawVote.set(id, draw);
    draw();
    return { thumbs: [up, down, thanks], form };
  }

  // What only this page knows of a vote.
  voting(id) {
    return (this.votings[id] ||= {});
  }

  rate(id, vote) {
    const pinned = this.pinned();
    Object.assign(this.voting(id), { asking: vote.rating === "down", thanked: false });
    this.conversation.vote(id, vote);
    this.drawVote.get(id)?.();
    if (pinned) this.scrollDown();
    this.emit("feedback", { message_id: id, ...vote });
  }

  thanked(id) {
    this.voting(id).thanked = true;
    this.drawVote.get(id)?.();
  }

  drawOutgoing(entry) {
    const { ui, conversation } = this;
    if (!conversation.outbox.includes(entry)) return;
    entry.node = this.message({ ...entry, role: "customer" }, entry.node);
    entry.node.dataset.state = entry.state === "failed" ? "failed" : "sending";
    const meta = entry.node.querySelector(".meta");
    if (entry.state === "failed") meta.replaceChildren(...this.failure(entry));
    else meta.replaceChildren(this.text(entry.waits ? "unavailable" : conversation.online || !conversation.connection.attempts ? "sending" : "queued"));
    if (entry.node.parentNode !== ui.outbox) ui.outbox.append(entry.node);
    this.retireSuggestions();
  }

  failure(entry) {
    const link = (name, onclick) => h("button", { className: name, onclick }, this.text(name));
    const edit = () => {
      this.conversation.discard(entry);
      this.ui.input.value = entry.text;
      for (const stored of entry.attachments || []) {
        const one = this.chip(stored);
        this.pictures.get(stored.id)?.then((file) => this.preview(one, file));
      }
      this.typed();
      this.ui.input.focus();
    };
    const retry = () => this.conversation.retry(entry);
    return [`${this.text("failed")} ${this.cause(entry)} `, link("retry", retry), link("edit", edit)];
  }

  // Why something was refused: by its code, ours or welcome's, else as the error says it.
  cause({ error, detail, text = "" }) {
    const told = this.text(error, { n: characters(text), max: this.conversation.limit });
    return told === error ? detail || "" : told;
  }

  drawMode() {
    const { ui, conversation } = this;
    const { mode, wantsPerson } = conversation;
    ui.mode.textContent = this.text(`mode_${mode}`);
    ui.face.replaceChildren(icon(mode === "agent" ? "agent" : "bot"));
    const asked = wantsPerson || ["waiting", "agent"].includes(mode);
    ui.handoffText.textContent = this.text(wantsPerson ? "asking" : asked ? `mode_${mode}` : "handoff");
    ui.handoff.disabled = asked;
    ui.transcript.disabled = !conversation.lastSeq;
  }

  showTyping() {
    const pinned = this.pinned();
    this.ui.typing.hidden = false;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => { this.ui.typing.hidden = true; }, 8000);
    if (pinned) this.scrollDown();
  }

  notice({ code, detail }) {
    this.drawMode();
    this.warn(this.cause({ error: code, detail }));
  }

  warn(detail) {
    const { limit } = this.ui;
    limit.textContent = detail;
    limit.className = "over";
    clearTimeout(this.warned);
    this.warned = setTimeout(() => this.typed(), 6000);
  }

  drawBadge() {
    const { conversation, isOpen } = this;
    const { badge, launcher, news } = this.ui;
    if (isOpen) storage.set("seen", { id: conversation.session?.id, seq: conversation.lastSeq });
    const seen = storage.get("seen");
    const seenSeq = seen && seen.id === conversation.session?.id ? seen.seq : 0;
    const unread = isOpen ? 0 : conversation.events.filter(({ seq, role }) => seq > seenSeq && ANSWERING.test(role)).length;
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
    news.textContent = unread ? this.text("unread", { n: unread }) : "";
    launcher.ariaLabel = [this.text(isOpen ? "close" : "open"), news.textContent].filter(Boolean).join(", ");
    launcher.ariaExpanded = String(isOpen);
    if (unread !== this.unread) this.emit("unread", { count: (this.unread = unread) });
  }

  pinned() {
    const { scrollTop, scrollHeight, clientHeight } = this.ui.log;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  scrolled() {
    if (this.pinned()) this.ui.jump.hidden = true;
  }

  scrollDown() {
    this.ui.log.scrollTop = this.ui.log.scrollHeight;
    this.ui.jump.hidden = true;
  }
}
