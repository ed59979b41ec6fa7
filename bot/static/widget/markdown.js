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
