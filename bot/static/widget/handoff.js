// The button that asks for a person, and says how that stands.

class Handoff {
  text = h("span", { id: "handoffText" });

  constructor(words, conversation) {
    Object.assign(this, { words, conversation });
    this.button = h("button", { id: "handoff", onclick: () => conversation.handoff() }, icon("agent"), this.text);
  }

  drawMode() {
    const { mode, wantsPerson } = this.conversation;
    const asked = wantsPerson || ["waiting", "agent"].includes(mode);
    this.text.textContent = this.words.text(wantsPerson ? "asking" : asked ? `mode_${mode}` : "handoff");
    this.button.disabled = asked;
  }
}
