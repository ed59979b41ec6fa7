// The conversation as a text file, which the customer may take along.

function transcript(events, words, title) {
  const said = events.map((event) => {
    const images = (event.attachments || []).map(({ text_found: found }) => words.imageLabel(found));
    const lines = event.type === "status" ? [words.statusOf(event.mode)] : [...images, event.text];
    const moment = words.moment(event.at, { dateStyle: "short", timeStyle: "short" });
    return `[${moment}] ${words.nameOf(event)}: ${lines.join("\n")}`;
  });
  return new Blob([`${title}\n\n`, said.join("\n\n"), "\n"], { type: "text/plain" });
}

function download(file) {
  const link = h("a", { href: URL.createObjectURL(file), download: `chat-${new Date().toISOString().slice(0, 10)}.txt` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
