// Images, made as small as they have to be.

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
