// The journeys' own tools, where a mistake would make journeys pass that should not.
import { expect, test } from "@playwright/test";
import { brokenPngFile, jpegFile, orientedJpegFile, pngFile } from "../support/images.ts";
import { Authenticator, codeAt } from "../support/totp.ts";

test("codes are those of RFC 6238, appendix B, shortened to six digits", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  expect(codeAt(secret, 59_000)).toBe("287082");
  expect(codeAt(secret, 1_111_111_109_000)).toBe("081804");
  expect(codeAt(secret, 20_000_000_000_000)).toBe("353130");
});

test("an authenticator gives no code twice and knows a wrong one", { tag: "@once" }, async () => {
  const authenticator = new Authenticator("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const [first, second] = [await authenticator.code(), await authenticator.code()];
  expect(second).not.toBe(first);
  expect([first, second]).not.toContain(authenticator.wrongCode());
});

test("a browser decodes the pictures, turns the oriented one and refuses the broken one", { tag: "@once" }, async ({ page }) => {
  const sizeOf = (file: { mimeType: string; buffer: Buffer }) =>
    page.evaluate(
      async ({ type, base64 }) => {
        const image = new Image();
        image.src = `data:${type};base64,${base64}`;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      },
      { type: file.mimeType, base64: file.buffer.toString("base64") },
    );
  expect(await sizeOf(pngFile("a.png", 40, 20))).toEqual([40, 20]);
  expect(await sizeOf(jpegFile("a.jpg", 48, 32))).toEqual([48, 32]);
  expect(await sizeOf(orientedJpegFile("a.jpg", 48, 32, 6))).toEqual([32, 48]);
  await expect(sizeOf(brokenPngFile("a.png"))).rejects.toThrow();
});
