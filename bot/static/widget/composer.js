// The composer: where the customer writes, with what there is to say of it: too long, uploading, refused.

class Composer {
  limit = h("span", { id: "limit", role: "status" });

  // said(text, attachments): the customer sends this.
  constructor({ words, conversation, pictures, log, said }) {
    Object.assign(this, { words, conversation, log, said });
    this.attachments = new Attachments({
      words, conversation, pictures,
      changed: () => this.typed(), removed: () => this.input.focus(), refused: (why) => this.warn(why),
    });
    const { button, file } = this.attachments;
    this.input = h("textarea", { id: "input", rows: 1, oninput: () => this.typed(), onkeydown: (event) => this.keyed(event) });
    this.send = h("button", { id: "send", type: "submit" }, icon("send"));
    this.node = h("form", { id: "composer", onsubmit: (event) => this.submit(event) }, button, file, this.input, this.send);
  }

  translate() {
    this.input.placeholder = this.input.ariaLabel = this.words.text("input");
    label(this.send, this.words.text("send"));
    this.attachments.translate();
    this.typed();
  }

  keyed(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) this.submit(event);
  }

  submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    this.said(this.input.value, this.attachments.stored);
    this.input.value = "";
    this.attachments.clear();
    this.typed();
    this.input.focus();
  }

  // A message that was not sent is written anew.
  edit({ text, attachments }) {
    this.input.value = text;
    this.attachments.restore(attachments || []);
    this.typed();
    this.input.focus();
  }

  typed() {
    const { input, limit, send, words, attachments } = this;
    const values = { n: characters(input.value.trim()), max: this.conversation.limit };
    const tooLong = values.n > values.max;
    const count = values.n > 0.8 * values.max ? `${values.n} / ${values.max}` : "";
    const [images, uploading] = [attachments.items.length, attachments.uploading];
    const state = uploading ? words.text("uploading") : count || (images ? words.text("attached") : "");
    limit.textContent = tooLong ? words.text("text_too_long", values) : state;
    limit.className = tooLong ? "over" : "";
    input.ariaInvalid = String(tooLong);
    send.disabled = tooLong || uploading || !(values.n || images);
    this.log.stay(() => {
      attachments.node.hidden = !images;
      input.style.height = "auto";
      input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
    });
    if (values.n) this.conversation.tellTyping();
  }

  warn(why) {
    this.limit.textContent = why;
    this.limit.className = "over";
    clearTimeout(this.warned);
    this.warned = setTimeout(() => this.typed(), 6000);
  }
}
