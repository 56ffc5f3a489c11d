// tus-js-client, on which Uppy builds: a file in pieces, with a pause.
import { join } from "node:path";
import { bytesOf, type Report } from "../support/api.ts";
import { jpegFile, textFile } from "../support/images.ts";
import { expect, test } from "./instance.ts";

const PROGRAM = join(import.meta.dirname, "tus.mjs");

test("tus-js-client goes on where it stopped", async ({ instance, home, keep }) => {
  const { server, token } = instance;
  const picture = jpegFile("große Karte.jpg", 1600, 1200, 5);
  expect(picture.buffer.length).toBeGreaterThan(150_000);
  const words = [PROGRAM, `${server.url}/api/v1/uploads`, token, await keep(picture), "100000"];
  const { code, output } = await instance.run(process.execPath, words, home);
  expect(code, output).toBe(0);
  const lines = output.trimEnd().split("\n");
  const address = lines.pop() ?? "";
  expect(lines[0]).toBe("POST 201");
  expect(lines.filter((line) => line === "HEAD 200"), output).toHaveLength(1);
  expect(lines.filter((line) => line === "PATCH 204"), output).toHaveLength(Math.ceil(picture.buffer.length / 50_000));
  const told = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  expect(told.status).toBe(201);
  const { images } = (await told.json()) as Report;
  expect(images[0]?.filename).toBe(picture.name);
  expect(await bytesOf(instance.behind(images[0]?.links.url ?? ""))).toEqual(picture.buffer);
  expect((await instance.api.details(images[0]!)).visibility).toBe("public");
});

test("tus-js-client says why a file isn't taken", async ({ instance, home, keep }) => {
  const words = [PROGRAM, `${instance.server.url}/api/v1/uploads`, instance.token, await keep(textFile("notes.png")), "1"];
  const { code, output } = await instance.run(process.execPath, words, home);
  expect(code, output).toBe(1);
  expect(output).toContain("unsupported-format");
});
