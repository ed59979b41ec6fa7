// What the browser keeps, for the next page and for other tabs.

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
