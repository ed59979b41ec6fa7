// Messages: what was said and what happened, drawn in the log, and what is still to be sent.

class Messages {
  outgoing = new WeakMap(); // own message without an ack → its node

  // send(text): a suggestion was taken; edit(entry): what was not sent is to be written anew.
  constructor({ words, conversation, log, votes, pictures, send, edit }) {
    Object.assign(this, { words, conversation, log, votes, pictures, send, edit });
  }

  drawAll() {
    const { log, conversation } = this;
    log.replaying(true);
    this.votes.forget();
    log.events.replaceChildren();
    log.outbox.replaceChildren();
    let previousMode = "bot";
    for (const event of conversation.events) {
      this.append(event, previousMode);
      if (event.type === "status") previousMode = event.mode;
    }
    this.drawOutbox();
    this.retireSuggestions();
    log.scrollDown();
    log.replaying(false);
  }

  drawEvent({ event, own, previousMode, replayed }) {
    const { log, conversation } = this;
    const pinned = log.pinned();
    this.append(event, previousMode, this.outgoing.get(own)).classList.toggle("fresh", !replayed && !own);
    if (event.role !== "customer") log.hideTyping();
    if (conversation.lastSeq >= conversation.replayUntil) {
      this.retireSuggestions();
      log.replaying(false);
    }
    if (pinned || own) log.scrollDown();
    else log.jump.hidden = false;
  }

  append(event, previousMode, node) {
    const drawn = event.type === "status" ? this.statusLine(event, previousMode) : this.message(event, node);
    drawn.dataset.seq = event.seq;
    this.log.events.append(drawn);
    return drawn;
  }

  statusLine({ mode }, previousMode) {
    const line = h("div", { className: "status", hidden: mode === previousMode });
    line.dataset.mode = mode;
    line.append(this.words.statusOf(mode));
    if (mode === "closed") {
      const onclick = () => this.conversation.startAgain();
      line.append(h("button", { className: "restart", onclick }, this.words.text("restart")));
    }
    return line;
  }

  message(event, node = h("div")) {
    const { role, id, text, attachments } = event;
    const answers = ANSWERING.test(role);
    // There is nothing to judge in a courtesy: the memory has no part in it.
    const rated = role === "bot" && event.confidence > 0 && this.votes.feedback(event);
    node.className = "message";
    Object.assign(node.dataset, { role, state: "sent", ...(id && { id }) });
    node.replaceChildren(
      ...(answers ? [h("span", { className: "avatar" }, icon(role))] : []),
      h("span", { className: role === "agent" ? "name" : "name quiet" }, this.words.nameOf(event)),
      ...(attachments || []).map((image) => this.pictures.picture(image)),
      ...(text ? [h("div", { className: "bubble", dir: "auto" }, ...(role === "customer" ? [text] : markdown(text)))] : []),
      ...(event.sources?.length ? [this.sources(event.sources)] : []),
      ...(event.suggestions?.length ? [this.suggestions(event.suggestions)] : []),
      ...(event.related?.length ? [this.suggestions(event.related, this.words.text("related"))] : []),
      h("div", { className: "meta" }, this.time(event.at), ...(rated ? rated.thumbs : [])),
      ...(rated ? [rated.form] : []),
    );
    return node;
  }

  time(at) {
    const today = new Date(at).toDateString() === new Date().toDateString();
    const format = { hour: "numeric", minute: "2-digit", ...(!today && { day: "numeric", month: "short" }) };
    return h("time", { dateTime: at }, this.words.moment(at, format));
  }

  sources(sources) {
    const titles = sources.map(({ title }) => title).filter(Boolean).join(" · ");
    return h("div", { className: "sources", dir: "auto" }, this.words.text("source", { titles }));
  }

  suggestions(suggestions, heading) {
    const button = ({ title, answer_id: id }) => h("button", {
      className: "suggestion", dir: "auto", "data-answer-id": id, onclick: () => this.send(title),
    }, title);
    const headings = heading ? [h("div", { className: "sources" }, heading)] : [];
    return h("div", { className: "suggestions" }, ...headings, ...suggestions.map(button));
  }

  // Each message's suggestions are open until the customer takes one of them, or says something else.
  retireSuggestions() {
    let open = [];
    for (const node of this.log.node.querySelectorAll(".message")) {
      const buttons = [...node.querySelectorAll(".suggestion")];
      const said = node.dataset.role === "customer" && node.querySelector(".bubble")?.textContent;
      const offers = (choices) => choices.some(({ textContent: title }) => title === said);
      const taken = said ? (open.some(offers) ? open.filter(offers) : open) : [];
      for (const button of taken.flat()) button.disabled = true;
      open = [...open.filter((choices) => !taken.includes(choices)), buttons];
    }
  }

  drawOutbox() {
    for (const entry of this.conversation.outbox.entries) this.drawOutgoing(entry);
  }

  drawOutgoing(entry) {
    if (!this.conversation.outbox.entries.includes(entry)) return;
    const node = this.message({ ...entry, role: "customer" }, this.outgoing.get(entry));
    this.outgoing.set(entry, node);
    node.dataset.state = entry.state === "failed" ? "failed" : "sending";
    const state = entry.state === "failed" ? this.failure(entry) : [this.waiting(entry)];
    node.querySelector(".meta").replaceChildren(...state);
    if (node.parentNode !== this.log.outbox) this.log.outbox.append(node);
    this.retireSuggestions();
  }

  waiting(entry) {
    const { online, attempts } = this.conversation.connection;
    return this.words.text(entry.waits ? "unavailable" : online || !attempts ? "sending" : "queued");
  }

  failure(entry) {
    const { words, conversation } = this;
    const link = (name, onclick) => h("button", { className: name, onclick }, words.text(name));
    const edit = () => {
      conversation.discard(entry);
      this.edit(entry);
    };
    const why = `${words.text("failed")} ${words.cause(entry, conversation.limit)} `;
    return [why, link("retry", () => conversation.retry(entry)), link("edit", edit)];
  }

  discard(entry) {
    this.outgoing.get(entry)?.remove();
  }
}
