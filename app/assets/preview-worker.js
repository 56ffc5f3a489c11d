// Scales pictures for preview, off the page's thread.
//
// In:  { id, file }
// Out: { id, blob, width, height } with the whole picture's size in pixels, turned as its EXIF
//      orientation says; { id } alone where the browser can't decode the file.

const SIDE = 320;

async function scale(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const { width, height } = picture;
    const factor = Math.min(1, SIDE / Math.max(width, height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(width * factor)),
      Math.max(1, Math.round(height * factor)),
    );
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "medium";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    // A browser that can't write WebP writes PNG.
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
    return { blob, width, height };
  } finally {
    picture.close();
  }
}

addEventListener("message", async ({ data: { id, file } }) => {
  try {
    postMessage({ id, ...(await scale(file)) });
  } catch {
    postMessage({ id });
  }
});
