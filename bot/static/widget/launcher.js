// The launcher: the round button that opens and closes the chat, with the number of unread answers.

class Launcher {
  badge = h("span", { id: "badge", hidden: true });
  news = h("span", { id: "news", className: "quiet", role: "status" });

  // pressed(): by the customer; counted(unread): the number of unread answers has changed.
  constructor(words, conversation, { pressed, counted }) {
    Object.assign(this, { words, conversation, counted });
    this.button = h("button", { id: "launcher", "aria-controls": "panel", onclick: pressed }, icon("chat"), icon("down"), this.badge);
  }

  draw(isOpen) {
    const { words, badge, news, button } = this;
    const unread = this.countUnread(isOpen);
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
    news.textContent = unread ? words.text("unread", { n: unread }) : "";
    button.ariaLabel = [words.text(isOpen ? "close" : "open"), news.textContent].filter(Boolean).join(", ");
    button.ariaExpanded = String(isOpen);
    if (unread !== this.unread) this.counted((this.unread = unread));
  }

  // What the customer has seen is known to every tab.
  countUnread(isOpen) {
    const { session, lastSeq, events } = this.conversation;
    if (isOpen) storage.set("seen", { id: session?.id, seq: lastSeq });
    const seen = storage.get("seen");
    const seenSeq = seen && seen.id === session?.id ? seen.seq : 0;
    return isOpen ? 0 : events.filter(({ seq, role }) => seq > seenSeq && ANSWERING.test(role)).length;
  }
}
