// The log: what was said, scrolled, and kept at its end unless the customer has scrolled up.

class Log {
  greeting = h("div", { id: "greeting", hidden: true });
  events = h("div", { id: "events" });
  outbox = h("div", { id: "outbox" });
  typing = h("div", { id: "typing", hidden: true }, h("i"), h("i"), h("i"));

  constructor(words) {
    this.words = words;
    const properties = { id: "log", role: "log", "aria-live": "polite", tabIndex: 0, onscroll: () => this.scrolled() };
    this.node = h("div", properties, this.greeting, this.events, this.outbox, this.typing);
    this.jump = h("button", { id: "jump", hidden: true, onclick: () => this.scrollDown() });
  }

  translate() {
    this.node.ariaLabel = this.words.text("log");
    this.jump.textContent = `↓ ${this.words.text("newMessages")}`;
  }

  pinned() {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  scrolled() {
    if (this.pinned()) this.jump.hidden = true;
  }

  scrollDown() {
    this.node.scrollTop = this.node.scrollHeight;
    this.jump.hidden = true;
  }

  // Whoever reads the end goes on to, whatever this changes above it.
  stay(change) {
    const pinned = this.pinned();
    change();
    if (pinned) this.scrollDown();
  }

  greet(words) {
    const bubble = h("div", { className: "bubble", dir: "auto" }, ...markdown(words || ""));
    this.greeting.hidden = !words;
    this.greeting.replaceChildren(h("span", { className: "avatar" }, icon("bot")), bubble);
  }

  // A history is not news: screen readers wait.
  replaying(busy) {
    this.node.ariaBusy = String(busy);
  }

  showTyping() {
    this.stay(() => {
      this.typing.hidden = false;
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(() => this.hideTyping(), 8000);
    });
  }

  hideTyping() {
    this.typing.hidden = true;
  }
}
