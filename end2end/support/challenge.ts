// The answers to challenges, which only a server's key opens: a test that gave the server its key has it too.
import { hkdfSync } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expect, type Page } from "@playwright/test";
import pg from "pg";
import type { ReflectServer } from "./server.ts";

const ENGLISH = { code: "Six-digit code", wrong: "That is not right." };
/** For {@link twoSlips} on Chinese pages. */
export const CHINESE = { code: "六位验证码", wrong: "不正确" };

/** Any 32 bytes, for `REFLECT_SECRET_KEY`. */
export const SECRET_KEY = "c4".repeat(32);

/** What the server keeps of a challenge: see `Secret` in `server/core/src/challenge/provider.rs`. */
type Secret = { image?: { text: string }; slider?: { place: { left: number; top: number } } };

/** What solves the challenge that was issued last by a server that runs with {@link SECRET_KEY}. */
export async function lastAnswer(server: ReflectServer): Promise<Secret> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id_hash: Buffer; sealed: Buffer }>(
      "SELECT id_hash, sealed FROM captcha_challenges WHERE spent_at IS NULL ORDER BY issued_at DESC LIMIT 1",
    );
    const [row] = rows;
    if (!row) throw new Error("no challenge was issued");
    const key = new Uint8Array(hkdfSync("sha256", Buffer.from(SECRET_KEY, "hex"), "", "reflect/challenge", 32));
    const opened = xchacha20poly1305(key, row.sealed.subarray(0, 24), row.id_hash).decrypt(row.sealed.subarray(24));
    return JSON.parse(Buffer.from(opened).toString()) as Secret;
  } finally {
    await client.end();
  }
}

/** Types codes as in a hurry: two wrong ones, after which the server wants a challenge solved with the next. */
export async function twoSlips(page: Page, wrongCode: () => string, texts = ENGLISH): Promise<void> {
  const code = page.getByRole("textbox", { name: texts.code });
  for (let slip = 0; slip < 2; slip++) {
    await code.pressSequentially(wrongCode());
    await expect(page.getByRole("alert").filter({ hasText: texts.wrong })).toBeVisible();
    await expect(code).toHaveValue("");
  }
}
