// The outbox: the customer's own messages that the server has not acknowledged. They survive a reload.

class Outbox {
  entries = storage.get("outbox") || []; // {client_id, text, attachments, at, state}; state: sending, stored or failed

  constructor() {
    for (const entry of this.entries) entry.state = "sending";
  }

  get sending() { return this.entries.filter(({ state }) => state === "sending"); }

  find(clientId) {
    return clientId && this.entries.find(({ client_id: id }) => id === clientId);
  }

  add(text, attachments) {
    const entry = { client_id: newId(), text, attachments, at: new Date().toISOString(), state: "sending" };
    this.entries.push(entry);
    return entry;
  }

  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  empty() {
    this.entries = [];
    storage.set("outbox", null);
  }

  // Never sent again, even while its predecessors are missing.
  stored(entry) {
    entry.state = "stored";
    this.forget(entry);
  }

  // Where the conversation is another, the server has none of them.
  startAgain() {
    for (const entry of this.entries) if (entry.state === "stored") entry.state = "sending";
  }

  keep({ client_id, text, attachments, at }) {
    storage.set("outbox", [...this.othersKept(client_id), { client_id, text, attachments, at }]);
  }

  forget({ client_id: clientId }) {
    storage.set("outbox", this.othersKept(clientId));
  }

  // Read again each time: another tab of the shop may have unsent messages of its own.
  othersKept(clientId) {
    return (storage.get("outbox") || []).filter(({ client_id: id }) => id !== clientId);
  }
}
