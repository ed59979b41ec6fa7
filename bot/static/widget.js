// Weaver's chat widget: <weaver-chat>, a custom element with a shadow root. What a page can set: docs/widget.md.
(() => {
  "use strict";
  if (window.Weaver) return;

  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const options = script.dataset;
  // Relative to the script, so that a service behind a path prefix works too.
  const socketUrl = new URL("ws/chat", script.src).href.replace(/^http/, "ws");
  const imagesUrl = ({ id }) => new URL(`api/v1/conversations/${id}/attachments`, script.src).href;

  // ── Languages ──

  const TEXTS = {
    en: {
      title: "Chat with us", open: "Open chat", close: "Close chat", log: "Conversation", newMessages: "New messages",
      input: "Write a message…", send: "Send", sound: "Sound", transcript: "Download the conversation", unread: "{n} unread",
      you: "You", bot: "Assistant", agent: "Support team", system: "Notice", source: "Source: {titles}",
      related: "Others also asked",
      sending: "Sending…", queued: "Will be sent when you are back online", failed: "Not sent.", retry: "Try again", edit: "Edit",
      reconnecting: "Connection lost. Reconnecting…", offline: "You are offline. We will reconnect.",
      handoff: "Talk to a person", asking: "Asking for a person…", mode_bot: "Answers day and night",
      mode_waiting: "Waiting for a person", mode_agent: "You are talking to a person", mode_closed: "Conversation closed",
      back: "You are back with the assistant", restart: "Start a new conversation",
      up: "Helpful", down: "Not helpful", thanks: "Thank you, noted.", why: "What was wrong?",
      wrong: "Wrong answer", unclear: "Not clear", outdated: "Out of date", other: "Something else",
      comment: "Anything to add? (optional)", sendComment: "Send comment",
      attach: "Attach an image", image: "Image", imageSaying: "Image: {text}", attached: "Image attached", detach: "Remove image",
      uploading: "Uploading the image…", notUploaded: "The image was not uploaded.", tooMany: "At most {n} images in a message.",
      text_too_long: "{n} of {max} characters: please shorten it.", unavailable: "One moment, please…",
    },
    zh: {
      title: "在线客服", open: "打开聊天", close: "关闭聊天", log: "对话", newMessages: "新消息",
      input: "请输入消息…", send: "发送", sound: "提示音", transcript: "下载对话记录", unread: "{n} 条未读",
      you: "您", bot: "智能助手", agent: "人工客服", system: "提示", source: "来源：{titles}",
      related: "其他人还问了",
      sending: "发送中…", queued: "恢复连接后自动发送", failed: "未发送。", retry: "重试", edit: "编辑",
      reconnecting: "连接已断开，正在重连…", offline: "当前没有网络，恢复后会自动重连。",
      handoff: "转人工客服", asking: "正在请求人工…", mode_bot: "全天候即时解答",
      mode_waiting: "正在等待人工客服", mode_agent: "正在与人工客服对话", mode_closed: "对话已结束",
      back: "您已回到与智能助手的对话", restart: "开始新的对话",
      up: "有帮助", down: "没有帮助", thanks: "谢谢，已记录。", why: "哪里不对？",
      wrong: "答案错误", unclear: "没看懂", outdated: "内容过时", other: "其他原因",
      comment: "想补充什么吗？（可不填）", sendComment: "提交补充",
      attach: "添加图片", image: "图片", imageSaying: "图片：{text}", attached: "图片已添加", detach: "移除图片",
      uploading: "正在上传图片…", notUploaded: "图片没有上传成功。", tooMany: "一条消息最多 {n} 张图片。",
      text_too_long: "{n} / {max} 字，请缩短后再发送。", unavailable: "请稍候…",
    },
  };
  const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;
  const ANSWERING = /^(bot|agent)$/;
  const REASONS = ["wrong", "unclear", "outdated", "other"];
  const GONE = ["conversation_not_found", "token_invalid"];
  const PHONE = matchMedia("(max-width: 480px)");
  const BACKOFF = { first: 500, last: 15000 };
  const ACK_WAIT = 10000, PING_AFTER = 25000, PONG_WAIT = 10000, GAP_WAIT = 1200, TRIES = 3;

  const languageOf = (locale) => (/^zh/.test(locale) ? "zh" : "en");
  const characters = (text) => [...text].length;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // "en_US" means en-US; what is no locale is English.
  function localeOf(name) {
    try {
      return Intl.getCanonicalLocales(String(name).replace("_", "-"))[0];
    } catch {
      return "en";
    }
  }

  // ── What is kept ──

  // Not crypto.randomUUID: a shop may still be on plain http.
  const newId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

  // Where localStorage is blocked, full or absent, the values live as long as the page.
  const storage = {
    memory: {},
    key: (name) => `weaver:${new URL(socketUrl).host}:${name}`,
    get(name) {
      if (name in this.memory) return this.memory[name];
      try {
        return JSON.parse(localStorage.getItem(this.key(name)));
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        if (value === null) localStorage.removeItem(this.key(name));
        else localStorage.setItem(this.key(name), JSON.stringify(value));
        delete this.memory[name];
      } catch {
        this.memory[name] = value;
      }
    },
  };

  // ── The conversation ──

  // The protocol: what was said, in order and exactly once, over a socket that may drop at any moment.
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

  // ── Drawing ──

  const ICONS = {
    chat: "M7 4h10a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-5l-5 4v-4a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3Zm1.5 6h0m3.5 0h0m3.5 0h0",
    clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4L14.5 7.5",
    down: "m6 9.5 6 6 6-6", save: "M12 4v11m-5-4.5 5 5 5-5M5 20h14", send: "M12 19V5m-6 6 6-6 6 6",
    bot: "M12 3v3m-5 0h10a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3Zm2 5v2m6-2v2",
    agent: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-3.7 3.7-6 7.5-6s6.9 2.3 7.5 6",
    sound: "M4 9.5v5h3.5L12 18V6L7.5 9.5H4Zm12-1a5 5 0 0 1 0 7m2.5-9.5a8.5 8.5 0 0 1 0 12",
    mute: "M4 9.5v5h3.5L12 18V6L7.5 9.5H4Zm12 .5 5 4.5m0-4.5-5 4.5",
    thumb: "M7 11v9H4v-9h3Zm0 0 4-8a2.5 2.5 0 0 1 2.5 2.5V9h7l-2 11H7",
  };

  function h(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    if (tag === "button") node.type = "button"; // unless it says otherwise
    for (const [name, value] of Object.entries(properties)) {
      if (name in node) node[name] = value;
      else if (value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== undefined && child !== null));
    return node;
  }

  function icon(name) {
    const make = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
    const svg = make("svg");
    const path = make("path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  // ── Markdown ──

  // Bold, italic, code, links, lists and headings, as nodes and never as HTML; all else stays text.
  const BLOCK = /^\s{0,3}(?:#{1,6}\s+(.+)|(?:[-*•]\s|(\d{1,3})(?:[.)]\s|、))\s*(.+))/;
  const MARKS = new RegExp([
    /`([^`\n]+)`/,
    /\*\*(\S(?:[^\n]{0,999}?\S)??)\*\*(?!\*)/,
    /(?<![\w*])\*([^\s*](?:[^*\n]{0,999}?[^\s*])?)\*(?![\w*])/,
    /\[([^[\]\n]+)\]\(((?:https?:\/\/|mailto:|tel:)[^\s()]+)\)/,
    /(https?:\/\/[^\s<>"'`，。；：！？、（）《》「」]+)/,
  ].map(({ source }) => source).join("|"), "gi");

  function marked(text, depth = 0) {
    const nodes = [];
    let end = 0;
    for (const match of depth > 3 ? [] : text.matchAll(MARKS)) {
      const [all, code, bold, italic, label, target, bare] = match;
      const href = target || bare?.replace(/[.,;:!?*)\]}]+$/, "");
      if (href && !URL.canParse(href)) continue;
      const node = href ? h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, label || href)
        : code ? h("code", {}, code)
        : h(bold ? "strong" : "em", {}, ...marked(bold || italic, depth + 1));
      nodes.push(text.slice(end, match.index), node);
      end = match.index + (bare ? href : all).length;
    }
    return [...nodes, text.slice(end)];
  }

  function markdown(text) {
    const blocks = [];
    let open; // the list or the paragraph that the next line may belong to
    const begin = (...block) => blocks.push((open = h(...block)));
    text.split(/^```.*\n([^]*?)^```[^\S\n]*$/m).forEach((part, index) => {
      if (index % 2) return begin("pre", { dir: "ltr" }, h("code", {}, part.trimEnd()));
      for (const line of part.split("\n")) {
        const [, heading, number, item] = line.match(BLOCK) || [];
        const tag = item ? (number ? "ol" : "ul") : "p";
        const goesOn = open?.localName === tag;
        if (!line.trim()) {
          if (goesOn) open = null; // a list may have empty lines, a paragraph ends with one
        } else if (heading) {
          begin("p", {}, h("strong", {}, ...marked(heading)));
          open = null;
        } else {
          if (!goesOn) begin(tag, number && { start: number });
          if (item) open.append(h("li", {}, ...marked(item)));
          else open.append(goesOn ? "\n" : "", ...marked(line));
        }
      }
    });
    return blocks;
  }

  // ── Images ──

  // On a canvas: a page need allow no images for that.
  async function drawn(blob, width, height, canvas = h("canvas")) {
    const bitmap = await createImageBitmap(blob);
    const scale = Math.min(1, width / bitmap.width, height / bitmap.height);
    Object.assign(canvas, { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) });
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  }

  async function small(file, bytes) {
    if (file.size <= bytes) return file;
    const canvas = await drawn(file, 2560, 2560).catch(() => null);
    return (canvas && (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9)))) || file;
  }

  // ── Sound ──

  let audio;

  // Two soft tones, made here: no file that a page must allow.
  function chime() {
    audio ||= new AudioContext();
    audio.resume();
    [660, 880].forEach((pitch, index) => {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const at = audio.currentTime + 0.13 * index;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.1, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.35);
    });
  }

  // ── Style ──

  const STYLE = `
    :host {
      all: initial; position: fixed; z-index: 2147483000; color-scheme: light dark; color: var(--ink);
      font: 15px/1.5 system-ui, sans-serif;
      --accent: #1b6b58; --on-accent: oklch(from var(--accent) calc((.6 - l) * 1000) 0 0); --edge: 24px; --alarm: light-dark(#b3261e, #ff9d94);
      --surface: light-dark(#fff, #151c1a); --soft: light-dark(#f1f4f2, #222c29); --line: light-dark(#e1e7e4, #2f3b37);
      --ink: light-dark(#17211e, #e7eeeb); --quiet: light-dark(#5b6964, #9fada8);
      --accent-ink: light-dark(oklch(from var(--accent) min(l, .45) c h), oklch(from var(--accent) max(l, .8) c h));
      --tint: light-dark(color-mix(in oklab, var(--accent) 9%, var(--surface)), color-mix(in oklab, var(--accent) 26%, var(--surface)));
    }
    :host([data-theme=light]) { color-scheme: light; }
    :host([data-theme=dark]) { color-scheme: dark; }
    *, ::before, ::after { box-sizing: border-box; }
    [hidden], dialog:not([open]) { display: none !important; }
    h2, p, ul, ol, pre { margin: 0; }
    button, input, textarea { font: inherit; color: inherit; }
    button { cursor: pointer; border: 0; background: none; padding: 0; }
    button:disabled { cursor: default; }
    :focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
    svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; display: block; }
    .quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

    #launcher, #panel { position: fixed; inset-block: auto var(--edge); inset-inline: auto var(--edge); }
    :host([data-position=left]) :is(#launcher, #panel) { left: var(--edge); right: auto; }
    :host([data-position=right]) :is(#launcher, #panel) { left: auto; right: var(--edge); }
    #launcher, #send, #close, .tool, .avatar, .thumb, .comment-send, #attach, .detach { flex: none; display: grid; place-items: center; border-radius: 50%; }
    #launcher {
      width: 60px; height: 60px; background: var(--accent); color: var(--on-accent);
      box-shadow: 0 6px 24px rgb(0 0 0 / .28);
    }
    #launcher svg { grid-area: 1 / 1; width: 28px; height: 28px; transition: opacity .18s; }
    #launcher[aria-expanded=true] svg:first-child, #launcher[aria-expanded=false] svg:nth-child(2) { opacity: 0; }
    #badge {
      position: absolute; top: -3px; inset-inline-end: -3px; min-width: 22px; padding: 0 6px; border-radius: 11px;
      background: #d3382c; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; box-shadow: 0 0 0 2px #fff;
    }

    #panel {
      bottom: calc(var(--edge) + 76px); width: 396px; max-width: none; height: min(660px, 100dvh - 124px); max-height: none; margin: 0; padding: 0;
      display: flex; flex-direction: column; overflow: hidden; border: 0; border-radius: 20px; background: var(--surface); color: inherit;
      box-shadow: 0 24px 70px rgb(0 0 0 / .28), 0 0 0 1px light-dark(#0001, #fff2); animation: rise .22s cubic-bezier(.2, .8, .3, 1);
    }
    #header {
      display: flex; align-items: center; gap: 2px; padding-block: 16px; padding-inline: 18px 10px; background: var(--accent); color: var(--on-accent);
    }
    #header > div { flex: 1; min-width: 0; margin-inline: 10px 4px; overflow-wrap: anywhere; }
    h2 { font-size: 17px; line-height: 1.3; font-weight: 650; }
    #mode { font-size: 13px; line-height: 1.35; }
    #close, .tool { width: 36px; height: 36px; }
    .tool svg { width: 20px; height: 20px; }
    .tool:disabled { opacity: .45; }
    :is(#close, .tool):hover:enabled { background: rgb(255 255 255 / .16); }
    #header :focus-visible { outline-color: currentColor; outline-offset: -3px; }
    .avatar { width: 30px; height: 30px; background: var(--tint); color: var(--accent-ink); }
    .avatar svg { width: 60%; height: 60%; }
    #header .avatar { width: 42px; height: 42px; background: rgb(255 255 255 / .18); color: inherit; }
    #banner {
      display: flex; justify-content: space-between; gap: 12px; padding: 8px 18px; font-size: 13px;
      background: light-dark(#fdf0d2, #423410); color: light-dark(#6a4a06, #f7dfa6);
    }
    #reconnect, .retry, .edit { font-weight: 650; text-decoration: underline; text-underline-offset: 2px; white-space: nowrap; }

    #log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 8px; scrollbar-width: thin; }
    #log:focus-visible { outline-offset: -3px; border-radius: 8px; }
    .message, #greeting { position: relative; display: grid; grid-template-columns: minmax(0, 1fr); justify-items: start; padding-inline-start: 40px; margin-bottom: 12px; }
    :is(.message, #greeting) > .avatar { position: absolute; inset-inline-start: 0; top: 4px; }
    .message[data-role=customer] { padding-inline-start: 15%; justify-items: end; }
    .message[data-role=bot] + .message[data-role=bot] > .avatar, .message[data-role=agent] + .message[data-role=agent] > :is(.avatar, .name) { display: none; }
    .bubble, #typing { padding: 9px 14px; border-radius: 18px; border-end-start-radius: 5px; background: var(--soft); }
    .bubble { max-width: 100%; white-space: pre-wrap; overflow-wrap: anywhere; }
    .bubble a { color: inherit; text-underline-offset: 2px; }
    .bubble > * + * { margin-top: .55em; }
    .bubble :is(ul, ol) { padding-inline-start: 1.5em; }
    code { padding: .1em .35em; border-radius: 5px; font: .9em ui-monospace, Consolas, monospace; background: color-mix(in oklab, currentColor 9%, transparent); }
    pre code { display: block; padding: 8px 10px; border-radius: 8px; white-space: pre-wrap; }
    .message[data-role=customer] .bubble { border-end-start-radius: 18px; border-end-end-radius: 5px; background: var(--accent); color: var(--on-accent); }
    .message[data-role=agent] .bubble { background: var(--tint); }
    .message[data-role=agent] > .avatar { background: var(--accent); color: var(--on-accent); }
    .message[data-role=system] { padding: 0 8%; justify-items: center; text-align: center; }
    .message[data-role=system] .bubble { background: none; color: var(--quiet); font-size: 13px; }
    .message[data-state=sending] :is(.bubble, .image) { opacity: .8; }
    .message[data-state=failed] .bubble { max-height: 150px; overflow-y: auto; background: none; color: var(--ink); box-shadow: inset 0 0 0 1.5px var(--alarm); }
    .message[data-state=failed] .meta { color: var(--alarm); display: block; text-align: end; }
    .fresh, #outbox .message { animation: arrive .24s ease-out; }
    .name { font-size: 12.5px; font-weight: 600; color: var(--accent-ink); margin-bottom: 2px; }
    .meta { display: flex; align-items: center; gap: 2px; min-height: 24px; margin-top: 2px; padding: 0 4px; }
    .meta, .sources { font-size: 12px; color: var(--quiet); }
    .meta time, .thanks, :is(.retry, .edit) { margin-inline: 0 6px; }
    .sources { margin: 4px 4px 0; overflow-wrap: anywhere; }
    .suggestions { display: grid; gap: 6px; margin-top: 8px; justify-items: start; }
    .suggestion, .reason, .restart {
      padding: 7px 14px; border-radius: 16px; text-align: start; line-height: 1.4; color: var(--accent-ink); background: var(--surface);
      border: 1px solid color-mix(in oklab, var(--accent-ink) 45%, transparent); overflow-wrap: anywhere; transition: background .15s;
    }
    :is(.suggestion, .reason, .restart):hover:enabled { background: var(--tint); }
    .suggestion:disabled { color: var(--quiet); border-color: var(--line); }
    .thumb { width: 30px; height: 26px; border-radius: 8px; color: var(--quiet); }
    .thumb svg, #handoff svg { width: 16px; height: 16px; }
    .thumb:hover { background: var(--soft); color: var(--ink); }
    .thumb[aria-pressed=true] { color: var(--accent-ink); background: var(--tint); }
    .thumb-down svg { transform: rotate(180deg); }
    .reasons { width: 100%; margin-top: 4px; padding: 12px; border: 1px solid var(--line); border-radius: 14px; font-size: 13.5px; animation: arrive .2s ease-out; }
    .reasons > p { font-weight: 600; }
    .reasons > div { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px; }
    .reason { padding: 4px 11px; }
    .reason[aria-pressed=true] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
    .comment { flex: 1; min-width: 0; padding: 6px 10px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
    .comment-send { width: 34px; border-radius: 10px; background: var(--soft); color: var(--accent-ink); }
    .comment-send svg { width: 18px; }
    .status { margin: 6px 8px 16px; font-size: 13px; color: var(--quiet); text-align: center; }
    .status::before { content: ""; display: inline-block; margin-inline-end: 8px; vertical-align: 1px; width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); }
    .status[data-mode=waiting]::before { background: #d9940f; }
    .status[data-mode=agent]::before { background: #2f9e63; }
    .restart { display: block; margin: 8px auto 0; }
    #typing { width: max-content; margin-block-end: 12px; margin-inline-start: 40px; padding: 13px 15px; display: flex; gap: 5px; }
    #typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: bounce 1.2s infinite ease-in-out; }
    #typing i:nth-child(2) { animation-delay: .15s; }
    #typing i:nth-child(3) { animation-delay: .3s; }
    #jump {
      align-self: center; margin-top: -40px; z-index: 1; padding: 5px 14px; border-radius: 16px; font-size: 13px; font-weight: 600;
      background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 24px rgb(0 0 0 / .28);
    }

    .tools { display: flex; align-items: center; justify-content: space-between; gap: 12px; min-height: 36px; padding: 4px 18px 0; font-size: 13px; color: var(--quiet); }
    #handoff { display: flex; align-items: center; gap: 6px; padding: 4px 0; font-weight: 600; color: var(--accent-ink); text-align: start; }
    #handoff:hover:enabled span { text-decoration: underline; text-underline-offset: 3px; }
    #handoff:disabled { color: var(--quiet); font-weight: 500; }
    #limit { text-align: end; line-height: 1.35; }
    .over { color: var(--alarm); }
    #composer { display: flex; align-items: flex-end; gap: 8px; margin: 4px 14px 14px; padding: 5px; border: 1px solid var(--line); border-radius: 24px; transition: border-color .15s, box-shadow .15s; }
    #composer:focus-within { border-color: var(--accent-ink); box-shadow: 0 0 0 3px color-mix(in oklab, var(--accent) 20%, transparent); }
    #composer:has([aria-invalid=true]) { border-color: var(--alarm); }
    #input { flex: 1; min-width: 0; unicode-bidi: plaintext; resize: none; border: 0; outline: 0; background: none; padding: 7px 0; line-height: 22px; max-height: 132px; scrollbar-width: thin; }
    ::placeholder { color: var(--quiet); opacity: 1; }
    #send, #attach { width: 36px; height: 36px; }
    #send { background: var(--accent); color: var(--on-accent); }
    #send:disabled { background: var(--soft); color: var(--quiet); }
    #attach { color: var(--quiet); }
    #attach:hover { color: var(--accent-ink); background: var(--soft); }
    #attachments { display: flex; flex-wrap: wrap; gap: 8px; padding: 6px 18px 0; }
    .attachment { position: relative; }
    .attachment canvas, .image { display: block; height: 56px; min-width: 56px; max-width: 150px; object-fit: contain; border-radius: 10px; border: 1px solid var(--line); background: var(--soft); }
    .attachment[aria-busy=true] canvas { opacity: .45; }
    .detach { position: absolute; top: -6px; inset-inline-end: -6px; width: 24px; height: 24px; background: var(--ink); color: var(--surface); line-height: 1; }
    .image { max-width: 100%; height: auto; margin-bottom: 4px; border-radius: 14px; }
    .dropping { outline: 2px dashed var(--accent-ink); outline-offset: -8px; }

    @media (max-width: 480px) {
      :host { --edge: 16px; }
      #panel, :host([data-position]) #panel { inset: 0; width: auto; height: 100dvh; border-radius: 0; }
      #header { padding-top: max(16px, env(safe-area-inset-top)); }
      #composer { margin-bottom: max(12px, env(safe-area-inset-bottom)); }
      #input, .comment { font-size: 16px; }
    }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
    @media print { :host { display: none; } }
    @keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.98); } }
    @keyframes arrive { from { opacity: 0; transform: translateY(6px); } }
    @keyframes bounce { 0%, 60%, 100% { transform: none; opacity: .5; } 30% { transform: translateY(-4px); opacity: 1; } }
  `;

  // ── The view ──

  class WeaverChat extends HTMLElement {
    listeners = {};
    drawVote = new Map(); // message id → redraws its thumbs
    votings = {};
    attachments = []; // images for the next message: {node, stored?}
    pictures = new Map(); // attachment id → its drawn canvas, or the promise of its file

    constructor() {
      super();
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.locale = localeOf(options.locale || document.documentElement.lang || navigator.language);
      this.conversation = new Conversation(this.locale, (what, detail) => this.changed(what, detail));
      this.build();
      this.applyOptions();
      this.translate();
      this.drawAll();
      if (this.conversation.session || this.conversation.outbox.length) this.conversation.connect();
    }

    text(key, values = {}) {
      const { texts } = this.conversation.config;
      return fill(this.texts?.[key] || texts?.[key] || TEXTS[languageOf(this.locale)][key] || key, values);
    }

    build() {
      const ui = (this.ui = {});
      const make = (tag, id, properties, ...children) => (ui[id] = h(tag, { id, ...properties }, ...children));
      make("span", "badge", { hidden: true });
      make("span", "news", { className: "quiet", role: "status" });
      make("button", "launcher", { "aria-controls": "panel", onclick: () => this.toggle() },
        icon("chat"), icon("down"), ui.badge);
      make("h2", "title");
      make("p", "mode");
      make("span", "face", { className: "avatar" });
      make("button", "sound", { className: "tool", onclick: () => this.switchSound() });
      make("button", "transcript", { className: "tool", onclick: () => this.download() }, icon("save"));
      make("button", "close", { onclick: () => this.close() }, icon("down"));
      make("span", "bannerText");
      make("button", "reconnect", { onclick: () => this.conversation.connectNow() });
      make("div", "banner", { role: "status", hidden: true }, ui.bannerText, ui.reconnect);
      make("div", "greeting", { hidden: true });
      make("div", "events");
      make("div", "outbox");
      make("div", "typing", { hidden: true }, h("i"), h("i"), h("i"));
      make("div", "log", { role: "log", "aria-live": "polite", tabIndex: 0, onscroll: () => this.scrolled() },
        ui.greeting, ui.events, ui.outbox, ui.typing);
      make("button", "jump", { hidden: true, onclick: () => this.scrollDown() });
      make("span", "handoffText");
      make("button", "handoff", { onclick: () => this.conversation.handoff() }, icon("agent"), ui.handoffText);
      make("span", "limit", { role: "status" });
      make("textarea", "input", { rows: 1, oninput: () => this.typed(), onkeydown: (event) => this.keyed(event) });
      make("button", "send", { type: "submit" }, icon("send"));
      make("input", "file", {
        type: "file", accept: "image/png,image/jpeg,image/webp,image/gif", multiple: true, hidden: true,
        onchange: ({ target }) => { this.attach(target.files); target.value = ""; },
      });
      make("button", "attach", { onclick: () => ui.file.click() }, icon("clip"));
      make("div", "attachments", { hidden: true });
      make("form", "composer", { onsubmit: (event) => this.submit(event) }, ui.attach, ui.file, ui.input, ui.send);
      const header = h("div", { id: "header" }, ui.face, h("div", {}, ui.title, ui.mode), ui.sound, ui.transcript, ui.close);
      const tools = h("div", { className: "tools" }, ui.handoff, ui.limit);
      const dropping = (event, over) => {
        if (![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault(); // or the browser leaves the shop for the file
        ui.panel.classList.toggle("dropping", over);
        if (event.type === "drop") this.attach(event.dataTransfer.files);
      };
      const properties = {
        "aria-labelledby": "title", onkeydown: (event) => this.escape(event),
        onclose: () => this.isOpen || this.closed(), // by the back gesture of a phone
        ondragover: (event) => dropping(event, true), ondragleave: (event) => dropping(event, false),
        ondrop: (event) => dropping(event, false),
        onpaste: (event) => {
          const { files, types } = event.clipboardData;
          if (!files.length || types.includes("text/plain")) return; // a text that was copied with its picture
          event.preventDefault();
          this.attach(files);
        },
      };
      make("dialog", "panel", properties,
        header, ui.banner, ui.log, ui.jump, tools, ui.attachments, ui.composer);
      this.shadowRoot.append(ui.launcher, ui.news, ui.panel);
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
      const { ui } = this;
      this.lang = this.texts ? this.locale : languageOf(this.locale);
      this.dir = options.dir || (RIGHT_TO_LEFT.test(this.locale) ? "rtl" : "ltr");
      ui.title.textContent = options.title || this.text("title");
      ui.close.ariaLabel = ui.close.title = this.text("close");
      ui.log.ariaLabel = this.text("log");
      ui.input.placeholder = ui.input.ariaLabel = this.text("input");
      for (const name of ["send", "attach", "sound", "transcript"]) ui[name].ariaLabel = ui[name].title = this.text(name);
      ui.reconnect.textContent = this.text("retry");
      ui.jump.textContent = `↓ ${this.text("newMessages")}`;
      this.drawBadge();
      this.drawMode();
      this.drawBanner();
      this.drawSound();
      this.typed();
    }

    changed(what, detail) {
      const draw = {
        connection: () => this.drawConnection(),
        welcome: () => this.welcomed(),
        event: () => this.drawEvent(detail),
        outbox: () => this.drawOutgoing(detail),
        discard: () => detail.node?.remove(),
        reset: () => this.forget(),
        status: () => this.drawMode(),
        typing: () => this.showTyping(),
        thanked: () => this.thanked(detail),
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

    get isOpen() { return this.ui.panel.open; }

    open() {
      this.conversation.connect();
      if (this.isOpen) return this.focusInput();
      this.show();
      this.shown = true;
      this.emit("open");
    }

    // On a phone it is all that can be reached; elsewhere the page stays in use beside it.
    show() {
      const { panel, log } = this.ui;
      if (this.isOpen) panel.close();
      if (PHONE.matches) panel.showModal();
      else panel.show();
      log.scrollTop = log.scrollHeight;
      this.drawBadge();
      this.focusInput();
    }

    // A touch screen's keyboard would hide what the customer came to read.
    focusInput() {
      (matchMedia("(pointer: coarse)").matches ? this.ui.log : this.ui.input).focus({ preventScroll: true });
    }

    close() {
      this.ui.panel.close();
      this.closed();
    }

    // The focus goes back by itself to what had it, where something had.
    closed() {
      const { launcher } = this.ui;
      if (!this.shown) return;
      this.shown = false;
      if (document.activeElement === document.body) launcher.focus({ preventScroll: true });
      this.drawBadge();
      this.emit("close");
    }

    toggle() {
      if (this.isOpen) this.close();
      else this.open();
    }

    switchSound() {
      storage.set("sound", !storage.get("sound"));
      this.drawSound();
      if (storage.get("sound")) chime(); // a sample, and browsers want a click before the first
    }

    drawSound() {
      const on = Boolean(storage.get("sound"));
      this.ui.sound.ariaPressed = String(on);
      this.ui.sound.replaceChildren(icon(on ? "sound" : "mute"));
    }

    // As a text file.
    download() {
      const said = this.conversation.events.map((event) => {
        const images = (event.attachments || []).map(({ text_found: found }) => this.imageLabel(found));
        const words = event.type === "status" ? [this.statusOf(event.mode)] : [...images, event.text];
        return `[${this.moment(event.at, { dateStyle: "short", timeStyle: "short" })}] ${this.nameOf(event)}: ${words.join("\n")}`;
      });
      const file = new Blob([`${this.ui.title.textContent}\n\n`, said.join("\n\n"), "\n"], { type: "text/plain" });
      const link = h("a", { href: URL.createObjectURL(file), download: `chat-${new Date().toISOString().slice(0, 10)}.txt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }

    send(text, attachments = []) {
      const trimmed = String(text).trim();
      if (!trimmed && !attachments.length) return;
      this.conversation.send(trimmed, attachments);
      this.stopAsking();
      this.scrollDown();
    }

    stopAsking() {
      for (const [id, draw] of this.drawVote) {
        this.voting(id).asking = false;
        draw();
      }
    }

    setLocale(locale, texts) {
      this.locale = this.conversation.locale = localeOf(locale);
      this.texts = texts;
      this.conversation.config = { ...this.conversation.config, texts: undefined };
      this.translate();
      this.drawAll();
      this.conversation.reconnect(); // the greeting and the answers follow the language
    }

    identify(jwt) {
      this.conversation.identify(jwt);
    }

    submit(event) {
      event.preventDefault();
      const { input, send } = this.ui;
      if (send.disabled) return;
      this.send(input.value, this.attachments.map(({ stored }) => stored));
      input.value = "";
      for (const one of [...this.attachments]) this.detach(one);
      this.typed();
      input.focus();
    }

    attach(files) {
      const most = this.conversation.config.limits?.attachments ?? 0;
      const taken = [...files].slice(0, Math.max(0, most - this.attachments.length));
      for (const file of taken) this.upload(this.chip(), file);
      if (taken.length < files.length) this.warn(most ? this.text("tooMany", { n: most }) : this.text("notUploaded"));
    }

    chip(stored) {
      const one = { node: h("div", { className: "attachment", "aria-busy": String(!stored) }), stored };
      const label = this.text("detach");
      const remove = () => {
        this.detach(one);
        this.ui.input.focus();
      };
      one.node.append(h("canvas"), h("button", { className: "detach", title: label, "aria-label": label, onclick: remove }, "×"));
      this.attachments.push(one);
      this.ui.attachments.append(one.node);
      this.typed();
      return one;
    }

    async upload(one, file) {
      const { conversation } = this;
      this.preview(one, file);
      try {
        const sent = await small(file, conversation.config.limits.attachment_bytes);
        one.stored = await conversation.upload(sent);
        this.pictures.set(one.stored.id, Promise.resolve(sent));
        one.node.ariaBusy = "false";
        this.typed();
      } catch (error) {
        if (!this.attachments.includes(one)) return;
        this.detach(one);
        const { code, message } = error;
        this.warn(this.cause({ error: code || "notUploaded", detail: message }));
      }
    }

    // What is no image draws nothing here; the server says so.
    preview({ node: { firstChild: canvas } }, file) {
      const name = { role: "img", ariaLabel: file.name || this.text("image") };
      drawn(file, 256, 256, canvas).then(() => Object.assign(canvas, name)).catch(() => {});
    }

    detach(one) {
      this.attachments = this.attachments.filter((other) => other !== one);
      one.node.remove();
      this.typed();
    }

    // Until the picture is there its place is kept.
    picture(image) {
      const { id, width, height, text_found: found } = image;
      const canvas = h("canvas", { className: "image", width: Math.min(width, 560), height: Math.min(height, (height * 560) / width) });
      Object.assign(canvas, { role: "img", ariaLabel: this.imageLabel(found) });
      if (!this.pictures.has(id)) this.pictures.set(id, this.conversation.image(image));
      this.pictures.get(id).then((file) => drawn(file, 560, 4000, canvas)).catch(() => this.pictures.delete(id));
      return canvas;
    }

    imageLabel(found) {
      return found ? this.text("imageSaying", { text: found.slice(0, 200) }) : this.text("image");
    }

    keyed(event) {
      const composing = event.isComposing || event.keyCode === 229;
      if (event.key === "Enter" && !event.shiftKey && !composing) this.submit(event);
    }

    escape(event) {
      if (event.key !== "Escape" || event.isComposing) return;
      event.stopPropagation();
      this.close();
    }

    typed() {
      const { input, limit, send, attachments } = this.ui;
      const values = { n: characters(input.value.trim()), max: this.conversation.limit };
      const tooLong = values.n > values.max;
      const count = values.n > 0.8 * values.max ? `${values.n} / ${values.max}` : "";
      const [images, uploading] = [this.attachments.length, this.attachments.some(({ stored }) => !stored)];
      const state = uploading ? this.text("uploading") : count || (images ? this.text("attached") : "");
      limit.textContent = tooLong ? this.text("text_too_long", values) : state;
      limit.className = tooLong ? "over" : "";
      input.ariaInvalid = String(tooLong);
      send.disabled = tooLong || uploading || !(values.n || images);
      const pinned = this.pinned();
      attachments.hidden = !images;
      input.style.height = "auto";
      input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
      if (pinned) this.scrollDown();
      this.tellTyping(values.n);
    }

    // Only a person cares to see it.
    tellTyping(length) {
      const { conversation } = this;
      if (!length || !conversation.online || !["waiting", "agent"].includes(conversation.mode)) return;
      if (Date.now() - (this.toldTyping || 0) < 3000) return;
      this.toldTyping = Date.now();
      conversation.transmit({ type: "typing" });
    }

    forget() {
      // Images belong to one conversation.
      for (const one of this.conversation.session ? [] : [...this.attachments]) this.detach(one);
      this.drawAll();
    }

    drawAll() {
      const { ui, conversation } = this;
      ui.log.ariaBusy = "true"; // a history is not news: screen readers wait
      this.drawVote.clear();
      ui.events.replaceChildren();
      ui.outbox.replaceChildren();
      let previousMode = "bot";
      for (const event of conversation.events) {
        this.append(event, previousMode);
        if (event.type === "status") previousMode = event.mode;
      }
      for (const entry of conversation.outbox) this.drawOutgoing(entry);
      this.retireSuggestions();
      this.drawMode();
      this.scrollDown();
      ui.log.ariaBusy = "false";
    }

    drawConnection() {
      this.drawBanner();
      this.ui.typing.hidden = true;
      for (const entry of this.conversation.outbox) this.drawOutgoing(entry);
    }

    drawBanner() {
      const { banner, bannerText } = this.ui;
      const { attempts, online } = this.conversation;
      banner.hidden = online || !attempts;
      bannerText.textContent = this.text(navigator.onLine ? "reconnecting" : "offline");
    }

    welcomed() {
      const { ui, conversation } = this;
      const words = this.texts?.greeting || conversation.config.greeting;
      const locale = localeOf(conversation.config.locale || this.locale);
      if (locale !== this.locale) {
        this.locale = conversation.locale = locale;
        this.drawAll();
      }
      ui.greeting.hidden = !words;
      const bubble = h("div", { className: "bubble", dir: "auto" }, ...markdown(words || ""));
      ui.greeting.replaceChildren(h("span", { className: "avatar" }, icon("bot")), bubble);
      ui.log.ariaBusy = String(conversation.replayUntil > conversation.lastSeq);
      this.translate();
      this.drawConnection();
    }

    drawEvent({ event, own, previousMode, replayed }) {
      const pinned = this.pinned();
      this.append(event, previousMode, own?.node).classList.toggle("fresh", !replayed && !own);
      if (event.role !== "customer") this.ui.typing.hidden = true;
      if (this.conversation.lastSeq >= this.conversation.replayUntil) {
        this.retireSuggestions();
        this.ui.log.ariaBusy = "false";
      }
      if (pinned || own) this.scrollDown();
      else this.ui.jump.hidden = false;
      this.drawBadge();
      this.drawMode();
      const unseen = !this.isOpen || !document.hasFocus();
      if (unseen && !replayed && ANSWERING.test(event.role) && storage.get("sound")) chime();
      this.emit(event.type, { ...event, replayed });
    }

    append(event, previousMode, node) {
      const drawn = event.type === "status" ? this.statusLine(event, previousMode) : this.message(event, node);
      drawn.dataset.seq = event.seq;
      this.ui.events.append(drawn);
      return drawn;
    }

    statusOf(mode) {
      return this.text(mode === "bot" ? "back" : `mode_${mode}`);
    }

    statusLine({ mode }, previousMode) {
      const line = h("div", { className: "status", hidden: mode === previousMode });
      line.dataset.mode = mode;
      line.append(this.statusOf(mode));
      if (mode === "closed") {
        const onclick = () => this.conversation.startAgain();
        line.append(h("button", { className: "restart", onclick }, this.text("restart")));
      }
      return line;
    }

    message(event, node = h("div")) {
      const { role, id, text, attachments } = event;
      const answers = ANSWERING.test(role);
      // There is nothing to judge in a courtesy: the memory has no part in it.
      const rated = role === "bot" && event.confidence > 0 && this.feedback(event);
      node.className = "message";
      Object.assign(node.dataset, { role, state: "sent", ...(id && { id }) });
      node.replaceChildren(
        ...(answers ? [h("span", { className: "avatar" }, icon(role))] : []),
        h("span", { className: role === "agent" ? "name" : "name quiet" }, this.nameOf(event)),
        ...(attachments || []).map((image) => this.picture(image)),
        ...(text ? [h("div", { className: "bubble", dir: "auto" }, ...(role === "customer" ? [text] : markdown(text)))] : []),
        ...(event.sources?.length ? [this.sources(event.sources)] : []),
        ...(event.suggestions?.length ? [this.suggestions(event.suggestions)] : []),
        ...(event.related?.length ? [this.suggestions(event.related, this.text("related"))] : []),
        h("div", { className: "meta" }, this.time(event.at), ...(rated ? rated.thumbs : [])),
        ...(rated ? [rated.form] : []),
      );
      return node;
    }

    nameOf({ role = "system", author }) {
      return author || this.text(role === "customer" ? "you" : role);
    }

    moment(at, format) {
      const region = navigator.languages.find((language) => language.startsWith(this.locale)) || this.locale;
      return new Intl.DateTimeFormat(region, format).format(new Date(at));
    }

    time(at) {
      const today = new Date(at).toDateString() === new Date().toDateString();
      const format = { hour: "numeric", minute: "2-digit", ...(!today && { day: "numeric", month: "short" }) };
      return h("time", { dateTime: at }, this.moment(at, format));
    }

    sources(sources) {
      const titles = sources.map(({ title }) => title).filter(Boolean).join(" · ");
      return h("div", { className: "sources", dir: "auto" }, this.text("source", { titles }));
    }

    suggestions(suggestions, words) {
      const button = ({ title, answer_id: id }) => h("button", {
        className: "suggestion", dir: "auto", "data-answer-id": id, onclick: () => this.send(title),
      }, title);
      const heading = words ? [h("div", { className: "sources" }, words)] : [];
      return h("div", { className: "suggestions" }, ...heading, ...suggestions.map(button));
    }

    // Each message's suggestions are open until the customer takes one of them, or says something else.
    retireSuggestions() {
      let open = [];
      for (const node of this.shadowRoot.querySelectorAll(".message")) {
        const buttons = [...node.querySelectorAll(".suggestion")];
        const said = node.dataset.role === "customer" && node.querySelector(".bubble")?.textContent;
        const offers = (choices) => choices.some(({ textContent: title }) => title === said);
        const taken = said ? (open.some(offers) ? open.filter(offers) : open) : [];
        for (const button of taken.flat()) button.disabled = true;
        open = [...open.filter((choices) => !taken.includes(choices)), buttons];
      }
    }

    feedback({ id }) {
      const { votes } = this.conversation;
      const thumb = (rating) => h("button", {
        className: `thumb thumb-${rating}`, title: this.text(rating), "aria-label": this.text(rating),
        onclick: () => this.rate(id, { rating }),
      }, icon("thumb"));
      const chip = (reason) => h("button", {
        className: "reason", "data-reason": reason, onclick: () => this.rate(id, { ...votes[id], reason }),
      }, this.text(reason));
      const [up, down, chips] = [thumb("up"), thumb("down"), REASONS.map(chip)];
      const thanks = h("span", { className: "thanks", role: "status" });
      const comment = h("input", {
        className: "comment", maxLength: 1000, placeholder: this.text("comment"), "aria-label": this.text("comment"),
      });
      const label = this.text("sendComment");
      const sendComment = h("button", { type: "submit", className: "comment-send", "aria-label": label }, icon("send"));
      const submit = (event) => {
        event.preventDefault();
        if (comment.value.trim()) this.rate(id, { ...votes[id], comment: comment.value.trim() });
        this.voting(id).asking = false;
        draw();
      };
      const form = h("form", { className: "reasons", onsubmit: submit },
        h("p", {}, this.text("why")), h("div", {}, ...chips), h("div", {}, comment, sendComment));
      const draw = () => {
        const { rating, reason } = votes[id] || {};
        up.ariaPressed = String(rating === "up");
        down.ariaPressed = String(rating === "down");
        for (const button of chips) button.ariaPressed = String(button.dataset.reason === reason);
        form.hidden = !this.voting(id).asking;
        thanks.textContent = this.voting(id).thanked ? this.text("thanks") : "";
      };
      this.drawVote.set(id, draw);
      draw();
      return { thumbs: [up, down, thanks], form };
    }

    // What only this page knows of a vote.
    voting(id) {
      return (this.votings[id] ||= {});
    }

    rate(id, vote) {
      const pinned = this.pinned();
      Object.assign(this.voting(id), { asking: vote.rating === "down", thanked: false });
      this.conversation.vote(id, vote);
      this.drawVote.get(id)?.();
      if (pinned) this.scrollDown();
      this.emit("feedback", { message_id: id, ...vote });
    }

    thanked(id) {
      this.voting(id).thanked = true;
      this.drawVote.get(id)?.();
    }

    drawOutgoing(entry) {
      const { ui, conversation } = this;
      if (!conversation.outbox.includes(entry)) return;
      entry.node = this.message({ ...entry, role: "customer" }, entry.node);
      entry.node.dataset.state = entry.state === "failed" ? "failed" : "sending";
      const meta = entry.node.querySelector(".meta");
      if (entry.state === "failed") meta.replaceChildren(...this.failure(entry));
      else meta.replaceChildren(this.text(entry.waits ? "unavailable" : conversation.online || !conversation.attempts ? "sending" : "queued"));
      if (entry.node.parentNode !== ui.outbox) ui.outbox.append(entry.node);
      this.retireSuggestions();
    }

    failure(entry) {
      const link = (name, onclick) => h("button", { className: name, onclick }, this.text(name));
      const edit = () => {
        this.conversation.discard(entry);
        this.ui.input.value = entry.text;
        for (const stored of entry.attachments || []) {
          const one = this.chip(stored);
          this.pictures.get(stored.id)?.then((file) => this.preview(one, file));
        }
        this.typed();
        this.ui.input.focus();
      };
      const retry = () => this.conversation.retry(entry);
      return [`${this.text("failed")} ${this.cause(entry)} `, link("retry", retry), link("edit", edit)];
    }

    // Why something was refused: by its code, ours or welcome's, else as the error says it.
    cause({ error, detail, text = "" }) {
      const told = this.text(error, { n: characters(text), max: this.conversation.limit });
      return told === error ? detail || "" : told;
    }

    drawMode() {
      const { ui, conversation } = this;
      const { mode, wantsPerson } = conversation;
      ui.mode.textContent = this.text(`mode_${mode}`);
      ui.face.replaceChildren(icon(mode === "agent" ? "agent" : "bot"));
      const asked = wantsPerson || ["waiting", "agent"].includes(mode);
      ui.handoffText.textContent = this.text(wantsPerson ? "asking" : asked ? `mode_${mode}` : "handoff");
      ui.handoff.disabled = asked;
      ui.transcript.disabled = !conversation.lastSeq;
    }

    showTyping() {
      const pinned = this.pinned();
      this.ui.typing.hidden = false;
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(() => { this.ui.typing.hidden = true; }, 8000);
      if (pinned) this.scrollDown();
    }

    notice({ code, detail }) {
      this.conversation.wantsPerson = false;
      this.drawMode();
      this.warn(this.cause({ error: code, detail }));
    }

    warn(detail) {
      const { limit } = this.ui;
      limit.textContent = detail;
      limit.className = "over";
      clearTimeout(this.warned);
      this.warned = setTimeout(() => this.typed(), 6000);
    }

    drawBadge() {
      const { conversation, isOpen } = this;
      const { badge, launcher, news } = this.ui;
      if (isOpen) storage.set("seen", { id: conversation.session?.id, seq: conversation.lastSeq });
      const seen = storage.get("seen");
      const seenSeq = seen && seen.id === conversation.session?.id ? seen.seq : 0;
      const unread = isOpen ? 0 : conversation.events.filter(({ seq, role }) => seq > seenSeq && ANSWERING.test(role)).length;
      badge.hidden = !unread;
      badge.textContent = unread > 9 ? "9+" : unread;
      news.textContent = unread ? this.text("unread", { n: unread }) : "";
      launcher.ariaLabel = [this.text(isOpen ? "close" : "open"), news.textContent].filter(Boolean).join(", ");
      launcher.ariaExpanded = String(isOpen);
      if (unread !== this.unread) this.emit("unread", { count: (this.unread = unread) });
    }

    pinned() {
      const { scrollTop, scrollHeight, clientHeight } = this.ui.log;
      return scrollHeight - scrollTop - clientHeight < 60;
    }

    scrolled() {
      if (this.pinned()) this.ui.jump.hidden = true;
    }

    scrollDown() {
      this.ui.log.scrollTop = this.ui.log.scrollHeight;
      this.ui.jump.hidden = true;
    }
  }

  customElements.define("weaver-chat", WeaverChat);
  const chat = new WeaverChat();
  window.Weaver = Object.fromEntries(
    ["open", "close", "toggle", "send", "identify", "setLocale", "setTheme", "on", "off"].map((name) => [name, chat[name].bind(chat)]),
  );
  const mount = () => {
    document.body.append(chat);
    if ("open" in options && options.open !== "false") chat.open();
    document.dispatchEvent(new Event("weaver:ready"));
  };
  if (document.body) mount();
  else addEventListener("DOMContentLoaded", mount);
})();
