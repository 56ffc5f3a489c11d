// PicGo uploads as it does to the hosts that it was made for.
import { bytesOf } from "../support/api.ts";
import { jpegFile, pngFile, textFile } from "../support/images.ts";
import { PICGOS, addresses, expect, test, type Instance } from "./instance.ts";

const smms = ({ front }: Instance, token: string) => ({
  picBed: { uploader: "smms", current: "smms", smms: { token, backupDomain: front.host } },
});

for (const version of PICGOS) {
  test(`${version}: the built-in SM.MS uploads, and the same file again`, async ({ instance, keep, picgo }) => {
    const picture = jpegFile("cat.jpg", 640, 480, PICGOS.indexOf(version));
    const file = await keep(picture);
    const { code, output } = await picgo(version, smms(instance, instance.token), file, file);
    expect(code, output).toBe(0);
    const urls = addresses(output);
    expect(urls, output).toHaveLength(2);
    for (const url of urls) {
      expect(await bytesOf(instance.behind(url))).toEqual(picture.buffer);
    }
    const [stored] = await instance.api.list();
    expect(urls, "the same bytes are the same image").toEqual([stored?.links.url, stored?.links.url]);
    expect(stored?.filename).toBe("cat.jpg");
  });

  test(`${version}: a refusal is told in words`, async ({ instance, keep, picgo }) => {
    const before = await instance.api.list();
    const { output } = await picgo(version, smms(instance, instance.token), await keep(textFile("notes.png")));
    expect(addresses(output)).toEqual([]);
    expect(output).toContain("File has an invalid extension.");
    expect(await instance.api.list()).toEqual(before);
  });

  test(`${version}: a wrong token is told, large as the file may be`, async ({ instance, keep, picgo }) => {
    const file = await keep(pngFile("large.png", 1600, 1200));
    const { output } = await picgo(version, smms(instance, "rfl_wrong"), file);
    expect(output).toContain("Access Denied.");
  });

  test(`${version}: the web-uploader plugin uploads to reflect's own API`, async ({ instance, keep, picgo }) => {
    const picture = jpegFile("dog.jpg", 320, 240, PICGOS.indexOf(version));
    const settings = {
      url: `${instance.front.url}/api/v1/images`,
      paramName: "file",
      jsonPath: "images.0.links.url",
      customHeader: JSON.stringify({ Authorization: `Bearer ${instance.token}` }),
    };
    const picBed = { uploader: "web-uploader", current: "web-uploader", "web-uploader": settings };
    const { code, output } = await picgo(version, { picBed }, await keep(picture));
    expect(code, output).toBe(0);
    const urls = addresses(output);
    expect(urls, output).toHaveLength(1);
    expect(await bytesOf(instance.behind(urls[0] ?? ""))).toEqual(picture.buffer);
  });

  test(`${version}: the Lsky plugin uploads`, async ({ instance, keep, picgo }) => {
    const picture = jpegFile("owl.jpg", 320, 200, PICGOS.indexOf(version));
    const settings = {
      lskyProVersion: "V2",
      server: `${instance.front.url}/compat/lsky`,
      token: `Bearer ${instance.token}`,
      strategyId: "1",
      permission: "1",
    };
    const { code, output } = await picgo(version, { picBed: { uploader: "lankong", current: "lankong", lankong: settings } }, await keep(picture));
    expect(code, output).toBe(0);
    const urls = addresses(output);
    expect(urls, output).toHaveLength(1);
    expect(await bytesOf(instance.behind(urls[0] ?? ""))).toEqual(picture.buffer);
  });
}
