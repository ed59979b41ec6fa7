// Images for the next message: chosen, pasted or dropped, and uploaded before it is sent.

class Attachments {
  items = []; // {node, stored?}: stored is what the service says of the image once it has it
  node = h("div", { id: "attachments", hidden: true });

  // changed(): there are others, or their state is another; removed(): by the customer; refused(why): in words.
  constructor({ words, conversation, pictures, changed, removed, refused }) {
    Object.assign(this, { words, conversation, pictures, changed, removed, refused });
    this.file = h("input", {
      id: "file", type: "file", accept: "image/png,image/jpeg,image/webp,image/gif", multiple: true, hidden: true,
      onchange: ({ target }) => { this.attach(target.files); target.value = ""; },
    });
    this.button = h("button", { id: "attach", onclick: () => this.file.click() }, icon("clip"));
  }

  get uploading() { return this.items.some(({ stored }) => !stored); }

  get stored() { return this.items.map(({ stored }) => stored); }

  translate() {
    label(this.button, this.words.text("attach"));
  }

  acceptFrom(panel) {
    const dropping = (event, over) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault(); // or the browser leaves the shop for the file
      panel.classList.toggle("dropping", over);
      if (event.type === "drop") this.attach(event.dataTransfer.files);
    };
    panel.ondragover = (event) => dropping(event, true);
    panel.ondragleave = panel.ondrop = (event) => dropping(event, false);
    panel.onpaste = (event) => {
      const { files, types } = event.clipboardData;
      if (!files.length || types.includes("text/plain")) return; // a text that was copied with its picture
      event.preventDefault();
      this.attach(files);
    };
  }

  attach(files) {
    const most = this.conversation.config.limits?.attachments ?? 0;
    const taken = [...files].slice(0, Math.max(0, most - this.items.length));
    for (const file of taken) this.upload(this.chip(), file);
    if (taken.length < files.length) this.refused(this.words.text(most ? "tooMany" : "notUploaded", { n: most }));
  }

  chip(stored) {
    const one = { node: h("div", { className: "attachment", "aria-busy": String(!stored) }), stored };
    const remove = h("button", { className: "detach", onclick: () => { this.detach(one); this.removed(); } }, "×");
    label(remove, this.words.text("detach"));
    one.node.append(h("canvas"), remove);
    this.items.push(one);
    this.node.append(one.node);
    this.changed();
    return one;
  }

  async upload(one, file) {
    this.preview(one, file);
    try {
      const sent = await small(file, this.conversation.config.limits.attachment_bytes);
      one.stored = await this.conversation.upload(sent);
      this.pictures.keep(one.stored.id, sent);
      one.node.ariaBusy = "false";
      this.changed();
    } catch ({ code, message }) {
      if (!this.items.includes(one)) return;
      this.detach(one);
      this.refused(this.words.cause({ error: code || "notUploaded", detail: message }, this.conversation.limit));
    }
  }

  // What is no image draws nothing here; the server says so.
  preview({ node: { firstChild: canvas } }, file) {
    const name = { role: "img", ariaLabel: file.name || this.words.text("image") };
    drawn(file, 256, 256, canvas).then(() => Object.assign(canvas, name)).catch(() => {});
  }

  // Those of a message that was not sent.
  restore(attachments) {
    for (const stored of attachments) {
      const one = this.chip(stored);
      this.pictures.file(stored.id)?.then((file) => this.preview(one, file));
    }
  }

  detach(one) {
    this.items = this.items.filter((other) => other !== one);
    one.node.remove();
    this.changed();
  }

  clear() {
    for (const one of this.items) this.detach(one);
  }
}
