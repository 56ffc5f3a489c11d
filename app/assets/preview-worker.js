// Draws pictures anew, off the page's thread: small for preview, or as they are to be sent.
//
// In:  { id, file } for a preview; { file, type, side } for a picture of this media type, whose
//      longer side has so many pixels at most, or as many as it has where none are named
// Out: { id, blob, width, height } with the whole picture's size in pixels, turned as its EXIF
//      orientation says; { id } alone where the browser can't decode the file, or where what is
//      to be sent is so already

const PREVIEW = { type: "image/webp", side: 320, smoothing: "medium", quality: 0.8 };

async function draw(file, { type, side = Infinity, smoothing = "high", quality = 0.9 }) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const { width, height } = picture;
    const factor = Math.min(1, side / Math.max(width, height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(width * factor)),
      Math.max(1, Math.round(height * factor)),
    );
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = smoothing;
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    // A browser that can't write a type writes PNG.
    const blob = await canvas.convertToBlob({ type, quality });
    return { blob, width, height, factor };
  } finally {
    picture.close();
  }
}

// What Safari draws, and the server doesn't take.
const UNTAKEN = /^image\/hei[cf]/;

async function toSend(file, wish) {
  const { factor, ...drawn } = await draw(file, wish);
  const smaller = wish.type !== file.type && drawn.blob.size < file.size;
  const better = factor < 1 || smaller || UNTAKEN.test(file.type);
  return better && drawn.blob.type === wish.type ? drawn : {};
}

addEventListener("message", async ({ data: { id, file, ...wish } }) => {
  try {
    postMessage({ id, ...(await (wish.type ? toSend(file, wish) : draw(file, PREVIEW))) });
  } catch {
    postMessage({ id });
  }
});
