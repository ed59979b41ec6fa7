// The socket: frames that come and go, over a connection that may drop at any moment and is then made again.

const BACKOFF = { first: 500, last: 15000 };
const ACK_WAIT = 10000, PING_AFTER = 25000, PONG_WAIT = 10000;

class Connection {
  online = false; // the server has welcomed us
  attempts = 0; // since it last did

  // Calls opened(), received(frame) and lost() as that happens, dropped() for each socket that is left,
  // and overdue() to ask whether an answer is missing.
  constructor(handlers) {
    this.handlers = handlers;
    addEventListener("online", () => this.connectNow());
    addEventListener("offline", () => this.socket && this.lost());
    addEventListener("pageshow", (event) => event.persisted && this.connectNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.connectNow());
    setInterval(() => this.watch(), 2500);
  }

  connect() {
    this.wanted = true;
    if (this.socket) return;
    clearTimeout(this.retryTimer);
    const socket = new WebSocket(socketUrl);
    this.socket = socket;
    this.heardAt = Date.now();
    const ifCurrent = (handle) => (event) => { if (socket === this.socket) handle(event); };
    socket.onopen = ifCurrent(() => this.handlers.opened());
    socket.onmessage = ifCurrent(({ data }) => this.receive(data));
    socket.onclose = ifCurrent(() => this.lost());
  }

  connectNow() {
    if (!this.online) this.reconnect();
  }

  reconnect() {
    if (!this.wanted) return;
    this.drop();
    this.connect();
  }

  welcomed() {
    this.online = true;
    this.attempts = 0;
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.online = false;
    clearTimeout(this.retryTimer);
    this.handlers.dropped();
    socket?.close();
  }

  lost() {
    this.drop();
    const delay = Math.min(BACKOFF.last, BACKOFF.first * 2 ** this.attempts++);
    this.retryTimer = setTimeout(() => this.connect(), delay * (0.75 + Math.random() / 4));
    this.handlers.lost();
  }

  // Half-open sockets say nothing: a missing welcome, pong or ack is a lost connection.
  watch() {
    if (!this.socket) return;
    const now = Date.now();
    if (!this.online) return void (now - this.heardAt > ACK_WAIT && this.lost());
    if (this.handlers.overdue() || (this.pingedAt && now - this.pingedAt > PONG_WAIT)) return this.lost();
    if (!this.pingedAt && now - this.heardAt > PING_AFTER) {
      this.pingedAt = now;
      this.transmit({ type: "ping" });
    }
  }

  transmit(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    this.heardAt = Date.now();
    this.pingedAt = 0;
    this.handlers.received(frame);
  }
}
