// Nodes and icons.

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

// What a button without text is called.
function label(node, words) {
  node.ariaLabel = node.title = words;
}
