// The protocol: what was said, in order and exactly once, over a socket that may drop at any moment.

const GONE = ["conversation_not_found", "token_invalid"];
const BACKOFF = { first: 500, last: 15000 };
const ACK_WAIT = 10000, PING_AFTER = 25000, PONG_WAIT = 10000, GAP_WAIT = 1200, TRIES = 3;

class Conversation {
  events = []; // gapless: the event with seq n stands at n - 1
  held = new Map(); // seq → event that came before its predecessors
  outbox = storage.get("outbox") || []; // own messages without an ack
  votes = storage.get("votes") || {}; // message id → {rating, reason?, comment?}
  unackedVotes = new Map(); // message id → frames without feedback_ack
  config = {};
  mode = "bot";
  attempts = 0;
  highest = 0; // the highest seq that the server is known to have
  gapTries = 0;

  constructor(locale, notify) {
    this.locale = locale;
    this.notify = notify;
    this.identity = undefined;
    this.session = storage.get("conversation"); // {id, token}
    for (const entry of this.outbox) entry.state = "sending";
    addEventListener("online", () => this.connectNow());
    addEventListener("offline", () => this.socket && this.lost());
    addEventListener("pageshow", (event) => event.persisted && this.connectNow());
    addEventListener("storage", (event) => this.followOtherTab(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.connectNow());
    setInterval(() => this.watch(), 2500);
  }

  get lastSeq() { return this.events.length; }

  connect() {
    this.wanted = true;
    if (this.socket) return;
    clearTimeout(this.retryTimer);
    const socket = new WebSocket(socketUrl);
    this.socket = socket;
    this.heardAt = Date.now();
    const ifCurrent = (handle) => (event) => { if (socket === this.socket) handle(event); };
    socket.onopen = ifCurrent(() => this.hello());
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

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.online = false;
    clearTimeout(this.retryTimer);
    clearTimeout(this.gapTimer);
    this.gapTimer = 0;
    socket?.close();
  }

  lost() {
    this.drop();
    const delay = Math.min(BACKOFF.last, BACKOFF.first * 2 ** this.attempts++);
    this.retryTimer = setTimeout(() => this.connect(), delay * (0.75 + Math.random() / 4));
    this.notify("connection");
  }

  // Half-open sockets say nothing: a missing pong or ack is a lost connection.
  watch() {
    if (!this.socket) return;
    const now = Date.now();
    if (!this.online) return void (now - this.heardAt > ACK_WAIT && this.lost());
    const late = this.outbox.filter((entry) => entry.state === "sending" && now - entry.sentAt > ACK_WAIT);
    for (const entry of late) if (entry.tries >= TRIES) this.fail(entry, "timeout");
    if (late.length || (this.pingedAt && now - this.pingedAt > PONG_WAIT)) return this.lost();
    if (!this.pingedAt && now - this.heardAt > PING_AFTER) {
      this.pingedAt = now;
      this.transmit({ type: "ping" });
    }
  }

  hello() {
    const { id, token } = this.session || {};
    this.helloHadSession = Boolean(id);
    this.transmit({
      type: "hello", conversation_id: id, token, last_seq: this.lastSeq, locale: this.locale,
      identity: this.identity, collection: options.collection,
    });
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
    const handlers = {
      welcome: this.welcome, ack: this.acknowledge, message: this.take, status: this.take, error: this.refuse,
      feedback_ack: this.thank, typing: ({ role }) => role !== "customer" && this.notify("typing", role),
    };
    handlers[frame.type]?.call(this, frame);
  }

  welcome({ conversation_id: id, token, last_seq: serverSeq = 0, config = {} }) {
    const other = this.session && this.session.id !== id;
    if (other || serverSeq < this.lastSeq) this.reset();
    this.session = { id, token: token || this.session?.token };
    storage.set("conversation", this.session);
    this.config = config;
    this.online = true;
    this.attempts = 0;
    this.replayUntil = serverSeq;
    this.notify("welcome");
    for (const entry of this.outbox) if (entry.state === "sending") this.post(entry);
    for (const id of this.unackedVotes.keys()) this.sendVote(id, 1);
    if (this.wantsPerson) this.transmit({ type: "handoff" });
    this.expect(serverSeq);
  }

  send(text, attachments = []) {
    if (this.mode === "closed") this.startAgain();
    const entry = { client_id: newId(), text, attachments, at: new Date().toISOString(), state: "sending" };
    this.outbox.push(entry);
    this.dispatch(entry);
  }

  get limit() { return this.config.limits?.text || 4000; }

  dispatch(entry) {
    if (characters(entry.text) > this.limit) return this.fail(entry, "text_too_long");
    Object.assign(entry, { state: "sending", tries: 0 });
    this.saveOutbox(entry);
    this.notify("outbox", entry);
    if (this.online) this.post(entry);
    else this.connect();
  }

  post(entry) {
    Object.assign(entry, { sentAt: Date.now(), tries: (entry.tries || 0) + 1 });
    const attachments = entry.attachments?.map(({ id }) => id);
    this.transmit({ type: "message", client_id: entry.client_id, text: entry.text, attachments });
  }

  // The conversation's token opens its images.
  async request(path = "", options) {
    const headers = { authorization: `Bearer ${this.session.token}` };
    const response = await fetch(imagesUrl(this.session) + path, { headers, credentials: "omit", ...options });
    if (response.ok) return response;
    const { code, detail } = await response.json();
    throw Object.assign(new Error(detail), { code });
  }

  async upload(file) {
    const body = new FormData();
    body.append("file", file);
    return (await this.request("", { method: "POST", body })).json();
  }

  async image({ id }) {
    return (await this.request(`/${id}`)).blob();
  }

  retry(entry) {
    if (entry.error === "client_id_reused") entry.client_id = newId();
    this.dispatch(entry);
  }

  discard(entry) {
    this.outbox = this.outbox.filter((other) => other !== entry);
    this.saveOutbox(null, entry);
    this.notify("discard", entry);
  }

  fail(entry, code, detail) {
    Object.assign(entry, { state: "failed", error: code, detail });
    if (code !== "timeout") this.saveOutbox(null, entry);
    this.notify("outbox", entry);
  }

  // Read, change, write: another tab of the shop may have unsent messages of its own.
  saveOutbox(added, removed) {
    const saved = (storage.get("outbox") || []).filter(({ client_id: id }) => id !== (added || removed).client_id);
    if (added) saved.push({ client_id: added.client_id, text: added.text, attachments: added.attachments, at: added.at });
    storage.set("outbox", saved);
  }

  acknowledge({ client_id: clientId, seq }) {
    const entry = this.outbox.find((other) => other.client_id === clientId);
    if (!entry) return this.expect(seq);
    entry.state = "stored"; // never sent again, even while its predecessors are missing
    this.saveOutbox(null, entry);
    const { text, attachments, at } = entry;
    this.take({ type: "message", seq, role: "customer", client_id: clientId, text, attachments, at });
  }

  take(event) {
    if (event.seq > this.lastSeq && !this.held.has(event.seq)) this.held.set(event.seq, event);
    this.settle(event);
    for (let next; (next = this.held.get(this.lastSeq + 1)); ) {
      this.held.delete(next.seq);
      this.events.push(next);
      this.arrived(next);
    }
    this.expect(event.seq);
  }

  settle({ client_id: clientId, seq }) {
    const entry = clientId && this.outbox.find((other) => other.client_id === clientId);
    if (!entry) return;
    entry.state = "stored";
    this.saveOutbox(null, entry);
    if (seq <= this.lastSeq) this.discard(entry);
  }

  arrived(event) {
    const own = event.client_id && this.outbox.find((other) => other.client_id === event.client_id);
    if (own) this.outbox.splice(this.outbox.indexOf(own), 1);
    const previousMode = this.mode;
    if (event.type === "status") this.mode = event.mode;
    if (event.type === "status" || event.role !== "customer") this.wantsPerson = false;
    this.notify("event", { event, own, previousMode, replayed: event.seq <= this.replayUntil });
  }

  // A gap that stays is asked for again with a new hello, ever more slowly.
  expect(seq) {
    this.highest = Math.max(this.highest, seq || 0);
    if (this.lastSeq >= this.highest) {
      clearTimeout(this.gapTimer);
      this.gapTimer = this.gapTries = 0;
    } else if (!this.gapTimer && this.online) {
      const delay = Math.min(BACKOFF.last, GAP_WAIT * 2 ** this.gapTries);
      this.gapTimer = setTimeout(() => {
        this.gapTries++;
        this.reconnect();
      }, delay);
    }
  }

  refuse({ code = "", detail, client_id: clientId }) {
    if (GONE.includes(code) && (this.helloHadSession || this.online)) return this.startAgain();
    if (/identity/.test(code) && this.identity) {
      this.identity = undefined;
      return this.reconnect();
    }
    const entry = clientId && this.outbox.find((other) => other.client_id === clientId);
    if (!entry) return this.notify("refused", { code, detail });
    if (entry.state !== "sending") return;
    if (code === "conversation_closed") return this.startAgain();
    entry.waits = code === "unavailable"; // the database is away, for as long as that takes
    if (entry.waits || (code === "rate_limited" && entry.tries < TRIES)) {
      setTimeout(() => entry.state === "sending" && this.online && this.post(entry), 1000 * Math.min(entry.tries, 5));
      this.notify("outbox", entry);
    } else {
      this.fail(entry, code, detail);
    }
  }

  // The unsent messages stay: they go to the next conversation.
  startAgain() {
    const shared = storage.get("conversation");
    const stale = !shared || shared.id === this.session?.id;
    this.session = stale ? null : shared;
    if (stale) storage.set("conversation", null);
    this.reset();
    this.reconnect();
  }

  reset() {
    Object.assign(this, { events: [], held: new Map(), mode: "bot", highest: 0, gapTries: 0 });
    for (const entry of this.outbox) if (entry.state === "stored") entry.state = "sending";
    this.notify("reset");
  }

  followOtherTab({ key, newValue }) {
    if (key !== storage.key("conversation") || !newValue || this.lastSeq || this.outbox.length) return;
    const shared = storage.get("conversation");
    if (shared.id === this.session?.id) return;
    this.session = shared;
    if (this.wanted) this.reconnect();
  }

  identify(jwt) {
    this.identity = jwt || undefined;
    if (jwt) return this.reconnect();
    this.outbox = []; // signed out: the next person must not read on
    storage.set("outbox", null);
    this.startAgain();
  }

  vote(id, vote) {
    this.votes[id] = vote;
    storage.set("votes", Object.fromEntries(Object.entries(this.votes).slice(-200)));
    this.sendVote(id, (this.unackedVotes.get(id) || 0) + 1);
  }

  sendVote(id, unacked) {
    this.unackedVotes.set(id, unacked);
    if (this.online) this.transmit({ type: "feedback", message_id: id, ...this.votes[id] });
  }

  thank({ message_id: id }) {
    const unacked = (this.unackedVotes.get(id) || 1) - 1;
    if (unacked) this.unackedVotes.set(id, unacked);
    else this.unackedVotes.delete(id);
    this.notify("thanked", id);
  }

  handoff() {
    this.wantsPerson = true;
    if (this.mode === "closed") this.startAgain();
    else if (this.online) this.transmit({ type: "handoff" });
    else this.connect();
    this.notify("status");
  }
}
