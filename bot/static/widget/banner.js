// The banner that says that the connection is lost.

class Banner {
  text = h("span", { id: "bannerText" });

  constructor(words, connection) {
    Object.assign(this, { words, connection });
    this.reconnect = h("button", { id: "reconnect", onclick: () => connection.connectNow() });
    this.node = h("div", { id: "banner", role: "status", hidden: true }, this.text, this.reconnect);
  }

  translate() {
    this.reconnect.textContent = this.words.text("retry");
    this.draw();
  }

  draw() {
    const { attempts, online } = this.connection;
    this.node.hidden = online || !attempts;
    this.text.textContent = this.words.text(navigator.onLine ? "reconnecting" : "offline");
  }
}
