// The protocol: what was said, in order and exactly once, whatever happens to the connection.

const ANSWERING = /^(bot|agent)$/; // roles
const GONE = ["conversation_not_found", "token_invalid"];
const GAP_WAIT = 1200, TRIES = 3;

class Conversation {
  events = []; // gapless: the event with seq n stands at n - 1
  held = new Map(); // seq → event that came before its predecessors
  outbox = new Outbox();
  votes = storage.get("votes") || {}; // message id → {rating, reason?, comment?}
  unackedVotes = new Map(); // message id → frames without feedback_ack
  config = {};
  mode = "bot";
  highest = 0; // the highest seq that the server is known to have
  gapTries = 0;

  constructor(locale, notify) {
    this.locale = locale;
    this.notify = notify;
    this.identity = undefined;
    this.session = storage.get("conversation"); // {id, token}
    this.connection = new Connection({
      opened: () => this.hello(),
      received: (frame) => this.receive(frame),
      overdue: () => this.overdue(),
      dropped: () => this.stopGapTimer(),
      lost: () => this.notify("connection"),
    });
    addEventListener("storage", (event) => this.followOtherTab(event));
  }

  get lastSeq() { return this.events.length; }

  get online() { return this.connection.online; }

  get limit() { return this.config.limits?.text || 4000; }

  hello() {
    const { id, token } = this.session || {};
    this.helloHadSession = Boolean(id);
    this.connection.transmit({
      type: "hello", conversation_id: id, token, last_seq: this.lastSeq, locale: this.locale,
      identity: this.identity, collection: options.collection,
    });
  }

  receive(frame) {
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
    this.connection.welcomed();
    this.replayUntil = serverSeq;
    this.notify("welcome");
    for (const entry of this.outbox.sending) this.post(entry);
    for (const id of this.unackedVotes.keys()) this.sendVote(id, 1);
    if (this.wantsPerson) this.connection.transmit({ type: "handoff" });
    this.expect(serverSeq);
  }

  send(text, attachments = []) {
    if (this.mode === "closed") this.startAgain();
    this.dispatch(this.outbox.add(text, attachments));
  }

  dispatch(entry) {
    if (characters(entry.text) > this.limit) return this.fail(entry, "text_too_long");
    Object.assign(entry, { state: "sending", tries: 0 });
    this.outbox.keep(entry);
    this.notify("outbox", entry);
    if (this.online) this.post(entry);
    else this.connection.connect();
  }

  post(entry) {
    Object.assign(entry, { sentAt: Date.now(), tries: (entry.tries || 0) + 1 });
    const attachments = entry.attachments?.map(({ id }) => id);
    this.connection.transmit({ type: "message", client_id: entry.client_id, text: entry.text, attachments });
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
    this.outbox.remove(entry);
    this.outbox.forget(entry);
    this.notify("discard", entry);
  }

  fail(entry, code, detail) {
    Object.assign(entry, { state: "failed", error: code, detail });
    if (code !== "timeout") this.outbox.forget(entry);
    this.notify("outbox", entry);
  }

  acknowledge({ client_id: clientId, seq }) {
    const entry = this.outbox.find(clientId);
    if (!entry) return this.expect(seq);
    this.outbox.stored(entry);
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
    const entry = this.outbox.find(clientId);
    if (!entry) return;
    this.outbox.stored(entry);
    if (seq <= this.lastSeq) this.discard(entry);
  }

  arrived(event) {
    const own = this.outbox.find(event.client_id);
    if (own) this.outbox.remove(own);
    const previousMode = this.mode;
    if (event.type === "status") this.mode = event.mode;
    if (event.type === "status" || event.role !== "customer") this.wantsPerson = false;
    this.notify("event", { event, own, previousMode, replayed: event.seq <= this.replayUntil });
  }

  // Whether an ack is missing. What was sent often enough has failed.
  overdue() {
    const late = this.outbox.sending.filter(({ sentAt }) => Date.now() - sentAt > ACK_WAIT);
    for (const entry of late) if (entry.tries >= TRIES) this.fail(entry, "timeout");
    return late.length > 0;
  }

  // A gap that stays is asked for again with a new hello, ever more slowly.
  expect(seq) {
    this.highest = Math.max(this.highest, seq || 0);
    if (this.lastSeq >= this.highest) {
      this.stopGapTimer();
      this.gapTries = 0;
    } else if (!this.gapTimer && this.online) {
      const delay = Math.min(BACKOFF.last, GAP_WAIT * 2 ** this.gapTries);
      this.gapTimer = setTimeout(() => {
        this.gapTries++;
        this.connection.reconnect();
      }, delay);
    }
  }

  stopGapTimer() {
    clearTimeout(this.gapTimer);
    this.gapTimer = 0;
  }

  refuse({ code = "", detail, client_id: clientId }) {
    if (GONE.includes(code) && (this.helloHadSession || this.online)) return this.startAgain();
    if (/identity/.test(code) && this.identity) {
      this.identity = undefined;
      return this.connection.reconnect();
    }
    const entry = this.outbox.find(clientId);
    if (!entry) {
      this.wantsPerson = false;
      return this.notify("refused", { code, detail });
    }
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
    this.connection.reconnect();
  }

  reset() {
    Object.assign(this, { events: [], held: new Map(), mode: "bot", highest: 0, gapTries: 0 });
    this.outbox.startAgain();
    this.notify("reset");
  }

  followOtherTab({ key, newValue }) {
    if (key !== storage.key("conversation") || !newValue || this.lastSeq || this.outbox.entries.length) return;
    const shared = storage.get("conversation");
    if (shared.id === this.session?.id) return;
    this.session = shared;
    this.connection.reconnect();
  }

  identify(jwt) {
    this.identity = jwt || undefined;
    if (jwt) return this.connection.reconnect();
    this.outbox.empty(); // signed out: the next person must not read on
    this.startAgain();
  }

  vote(id, vote) {
    this.votes[id] = vote;
    storage.set("votes", Object.fromEntries(Object.entries(this.votes).slice(-200)));
    this.sendVote(id, (this.unackedVotes.get(id) || 0) + 1);
  }

  sendVote(id, unacked) {
    this.unackedVotes.set(id, unacked);
    if (this.online) this.connection.transmit({ type: "feedback", message_id: id, ...this.votes[id] });
  }

  thank({ message_id: id }) {
    const unacked = (this.unackedVotes.get(id) || 1) - 1;
    if (unacked) this.unackedVotes.set(id, unacked);
    else this.unackedVotes.delete(id);
    this.notify("thanked", id);
  }

  // Only a person cares to see it.
  tellTyping() {
    if (!this.online || !["waiting", "agent"].includes(this.mode)) return;
    if (Date.now() - (this.toldTyping || 0) < 3000) return;
    this.toldTyping = Date.now();
    this.connection.transmit({ type: "typing" });
  }

  handoff() {
    this.wantsPerson = true;
    if (this.mode === "closed") this.startAgain();
    else if (this.online) this.connection.transmit({ type: "handoff" });
    else this.connection.connect();
    this.notify("status");
  }
}
