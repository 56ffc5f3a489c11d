// curl, and what the documentation says of it.
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf } from "../support/api.ts";
import { jpegFile, textFile } from "../support/images.ts";
import { addresses, expect, test, type Instance } from "./instance.ts";

/** The blocks of `docs/tools.md` in a language, with the instance's address and token. */
async function documented(kind: string, { server, token }: Instance): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, "../../docs/tools.md"), "utf8");
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, language]) => language === kind);
  return blocks.map(([, , block = ""]) => block.replaceAll("https://img.example.com", server.url).replaceAll("rfl_…", token));
}

test("the script for Typora prints an address for each file, in their order", async ({ instance, home, keep }) => {
  const [script = ""] = await documented("sh", instance);
  const program = join(home, "reflect-upload");
  await writeFile(program, script);
  await chmod(program, 0o755);
  await mkdir(join(home, ".config"));
  await writeFile(join(home, ".config/reflect-token"), `${instance.token}\n`);
  const pictures = [jpegFile("one.jpg", 64, 48, 1), jpegFile("two.jpg", 64, 48, 2)];
  const files = [await keep(pictures[0]!), await keep(pictures[1]!)];
  const { code, output } = await instance.run(program, files, home);
  expect(code, output).toBe(0);
  const urls = output.trimEnd().split("\n");
  expect(urls).toEqual(addresses(output));
  expect(await Promise.all(urls.map((url) => bytesOf(instance.behind(url))))).toEqual(pictures.map((p) => p.buffer));
  const failed = await instance.run(program, [await keep(textFile("notes.png"))], home);
  expect(failed.code, failed.output).not.toBe(0);
});

test("the one line uploads", async ({ instance, home, keep }) => {
  const [, line = ""] = await documented("sh", instance);
  const picture = jpegFile("cat.jpg", 64, 48, 3);
  await keep(picture);
  const { output } = await instance.run("sh", ["-c", `${line.trim()} -sS`], home);
  const { images } = JSON.parse(output) as { images: { links: { url: string }; delete_url: string }[] };
  expect(await bytesOf(instance.behind(images[0]!.links.url))).toEqual(picture.buffer);
  // A delete link deletes when its page's button is pressed, not when it is opened.
  const link = instance.behind(images[0]!.delete_url);
  expect((await instance.run("curl", ["-fsS", link], home)).output).toContain("<form method=\"post\"");
  expect((await fetch(instance.behind(images[0]!.links.url))).status).toBe(200);
  expect((await instance.run("curl", ["-fsS", "-X", "POST", link], home)).code).toBe(0);
  expect((await fetch(instance.behind(images[0]!.links.url))).status).toBe(404);
});

test("what ShareX reads is in the answer", async ({ instance }) => {
  const [, uploader = "{}"] = await documented("json", instance);
  const sxcu = JSON.parse(uploader) as Record<"RequestURL" | "FileFormName" | "URL" | "ThumbnailURL" | "DeletionURL" | "ErrorMessage", string> & {
    Headers: Record<string, string>;
  };
  const send = async (file: ReturnType<typeof jpegFile>) => {
    const body = new FormData();
    body.append(sxcu.FileFormName, new File([new Uint8Array(file.buffer)], file.name));
    return fetch(sxcu.RequestURL, { method: "POST", headers: sxcu.Headers, body });
  };
  /** `{json:a[0].b}` */
  const read = (expression: string, document: unknown): unknown => {
    const names = expression.slice("{json:".length, -1).split(/[.[\]]+/).filter(Boolean);
    return names.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], document);
  };
  const picture = jpegFile("shot.jpg", 64, 48, 4);
  const answer: unknown = await (await send(picture)).json();
  expect(await bytesOf(instance.behind(String(read(sxcu.URL, answer))))).toEqual(picture.buffer);
  expect((await fetch(instance.behind(String(read(sxcu.ThumbnailURL, answer))))).status).toBe(200);
  expect((await fetch(instance.behind(String(read(sxcu.DeletionURL, answer))))).status).toBe(200);
  const refused = await send(textFile("notes.png"));
  expect(refused.ok).toBe(false);
  expect(String(read(sxcu.ErrorMessage, await refused.json()))).toContain("no image that is taken");
});
