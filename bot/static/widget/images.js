// Images: drawn on canvases, which a page need not allow, and made as small as they have to be.

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

// The images of messages. fetched(image) promises the file; each is asked for once.
class Pictures {
  files = new Map(); // attachment id → the promise of its file

  constructor(words, fetched) {
    Object.assign(this, { words, fetched });
  }

  keep(id, file) {
    this.files.set(id, Promise.resolve(file));
  }

  file(id) {
    return this.files.get(id);
  }

  // Until the picture is there its place is kept.
  picture(image) {
    const { id, width, height, text_found: found } = image;
    const canvas = h("canvas", { className: "image", width: Math.min(width, 560), height: Math.min(height, (height * 560) / width) });
    Object.assign(canvas, { role: "img", ariaLabel: this.words.imageLabel(found) });
    if (!this.files.has(id)) this.files.set(id, this.fetched(image));
    this.file(id).then((file) => drawn(file, 560, 4000, canvas)).catch(() => this.files.delete(id));
    return canvas;
  }
}
