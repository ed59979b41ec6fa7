// The header of the panel: the chat's name, who answers, and the switches for sound, transcript and closing.

class Header {
  title = h("h2", { id: "title" });
  mode = h("p", { id: "mode" });
  face = h("span", { id: "face", className: "avatar" });

  constructor(words, conversation, close) {
    Object.assign(this, { words, conversation });
    const { title, mode, face } = this;
    this.sound = h("button", { id: "sound", className: "tool", onclick: () => this.switchSound() });
    this.transcript = h("button", { id: "transcript", className: "tool", onclick: () => this.download() }, icon("save"));
    this.close = h("button", { id: "close", onclick: close }, icon("down"));
    this.node = h("div", { id: "header" }, face, h("div", {}, title, mode), this.sound, this.transcript, this.close);
  }

  translate() {
    this.title.textContent = options.title || this.words.text("title");
    for (const name of ["close", "sound", "transcript"]) label(this[name], this.words.text(name));
    this.drawSound();
  }

  drawMode() {
    const { mode, lastSeq } = this.conversation;
    this.mode.textContent = this.words.text(`mode_${mode}`);
    this.face.replaceChildren(icon(mode === "agent" ? "agent" : "bot"));
    this.transcript.disabled = !lastSeq;
  }

  switchSound() {
    storage.set("sound", !storage.get("sound"));
    this.drawSound();
    if (storage.get("sound")) chime(); // a sample, and browsers want a click before the first
  }

  drawSound() {
    const on = Boolean(storage.get("sound"));
    this.sound.ariaPressed = String(on);
    this.sound.replaceChildren(icon(on ? "sound" : "mute"));
  }

  download() {
    download(transcript(this.conversation.events, this.words, this.title.textContent));
  }
}
