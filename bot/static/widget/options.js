// What the page says of the chat: its script tag, and where that came from.

const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
const options = script.dataset;
// Relative to the script, so that a service behind a path prefix works too.
const socketUrl = new URL("ws/chat", script.src).href.replace(/^http/, "ws");
const imagesUrl = ({ id }) => new URL(`api/v1/conversations/${id}/attachments`, script.src).href;
