// Puts the chat on the page, and window.Weaver.

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
