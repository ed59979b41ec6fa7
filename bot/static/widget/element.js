// Weaver's chat widget: <weaver-chat>, a custom element with a shadow root. What a page can set: docs/widget.md.

const PHONE = matchMedia("(max-width: 480px)");

class WeaverChat extends HTMLElement {
  listeners = {};

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.words = new Words(options.locale || document.documentElement.lang || navigator.language);
    this.conversation = new Conversation(this.words.locale, (what, detail) => this.changed(what, detail));
    this.connection = this.conversation.connection;
    this.makeLog();
    this.makeFrame();
    this.applyOptions();
    this.translate();
    this.drawAll();
    if (this.conversation.session || this.conversation.outbox.entries.length) this.connection.connect();
  }

  // The messages, and where the next is written.
  makeLog() {
    const { words, conversation } = this;
    const log = (this.log = new Log(words));
    const pictures = new Pictures(words, (image) => conversation.image(image));
    this.votes = new Votes(words, conversation, log, (id, vote) => this.emit("feedback", { message_id: id, ...vote }));
    this.composer = new Composer({
      words, conversation, pictures, log, said: (text, attachments) => this.send(text, attachments),
    });
    this.messages = new Messages({
      words, conversation, log, votes: this.votes, pictures,
      send: (text) => this.send(text), edit: (entry) => this.composer.edit(entry),
    });
  }

  // The panel around them, and what opens it.
  makeFrame() {
    const { words, conversation, log, composer } = this;
    this.launcher = new Launcher(words, conversation, {
      pressed: () => this.toggle(), counted: (unread) => this.emit("unread", { count: unread }),
    });
    this.header = new Header(words, conversation, () => this.close());
    this.banner = new Banner(words, this.connection);
    this.handoff = new Handoff(words, conversation);
    const tools = h("div", { className: "tools" }, this.handoff.button, composer.limit);
    const properties = {
      id: "panel", "aria-labelledby": "title", onkeydown: (event) => this.escape(event),
      onclose: () => this.isOpen || this.closed(), // by the back gesture of a phone
    };
    this.panel = h("dialog", properties,
      this.header.node, this.banner.node, log.node, log.jump, tools, composer.attachments.node, composer.node);
    composer.attachments.acceptFrom(this.panel);
    this.shadowRoot.append(this.launcher.button, this.launcher.news, this.panel);
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
    this.lang = this.words.language;
    this.dir = this.words.direction;
    this.launcher.draw(this.isOpen);
    this.drawMode();
    for (const part of [this.header, this.log, this.banner, this.composer]) part.translate();
  }

  setLocale(locale, texts) {
    this.words.speak(locale, texts);
    this.conversation.locale = this.words.locale;
    this.translate();
    this.drawAll();
    this.connection.reconnect(); // the greeting and the answers follow the language
  }

  changed(what, detail) {
    const draw = {
      connection: () => this.drawConnection(),
      welcome: () => this.welcomed(),
      event: () => this.arrived(detail),
      outbox: () => this.messages.drawOutgoing(detail),
      discard: () => this.messages.discard(detail),
      reset: () => this.forget(),
      status: () => this.drawMode(),
      typing: () => this.log.showTyping(),
      thanked: () => this.votes.thanked(detail),
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

  get isOpen() { return this.panel.open; }

  open() {
    this.connection.connect();
    if (this.isOpen) return this.focusInput();
    this.show();
    this.shown = true;
    this.emit("open");
  }

  // On a phone it is all that can be reached; elsewhere the page stays in use beside it.
  show() {
    if (this.isOpen) this.panel.close();
    if (PHONE.matches) this.panel.showModal();
    else this.panel.show();
    this.log.scrollDown();
    this.launcher.draw(this.isOpen);
    this.focusInput();
  }

  // A touch screen's keyboard would hide what the customer came to read.
  focusInput() {
    (matchMedia("(pointer: coarse)").matches ? this.log.node : this.composer.input).focus({ preventScroll: true });
  }

  close() {
    this.panel.close();
    this.closed();
  }

  // The focus goes back by itself to what had it, where something had.
  closed() {
    if (!this.shown) return;
    this.shown = false;
    if (document.activeElement === document.body) this.launcher.button.focus({ preventScroll: true });
    this.launcher.draw(this.isOpen);
    this.emit("close");
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    this.close();
  }

  send(text, attachments = []) {
    const trimmed = String(text).trim();
    if (!trimmed && !attachments.length) return;
    this.conversation.send(trimmed, attachments);
    this.votes.stopAsking();
    this.log.scrollDown();
  }

  identify(jwt) {
    this.conversation.identify(jwt);
  }

  forget() {
    if (!this.conversation.session) this.composer.attachments.clear(); // images belong to one conversation
    this.drawAll();
  }

  drawAll() {
    this.drawMode();
    this.messages.drawAll();
  }

  drawMode() {
    this.header.drawMode();
    this.handoff.drawMode();
  }

  drawConnection() {
    this.banner.draw();
    this.log.hideTyping();
    this.messages.drawOutbox();
  }

  welcomed() {
    const { words, conversation } = this;
    const { texts, greeting, locale } = conversation.config;
    const spoken = words.locale;
    words.welcome(texts, locale);
    if (words.locale !== spoken) {
      conversation.locale = words.locale;
      this.drawAll();
    }
    this.log.greet(words.own?.greeting || greeting);
    this.log.replaying(conversation.replayUntil > conversation.lastSeq);
    this.translate();
    this.drawConnection();
  }

  arrived(detail) {
    const { event, replayed } = detail;
    this.messages.drawEvent(detail);
    this.launcher.draw(this.isOpen);
    this.drawMode();
    const unseen = !this.isOpen || !document.hasFocus();
    if (unseen && !replayed && ANSWERING.test(event.role) && storage.get("sound")) chime();
    this.emit(event.type, { ...event, replayed });
  }

  notice({ code, detail }) {
    this.drawMode();
    this.composer.warn(this.words.cause({ error: code, detail }, this.conversation.limit));
  }
}
