// An instance behind https, and the tools that upload to it.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import { Api } from "../support/api.ts";
import type { ImageFile } from "../support/images.ts";
import { ReflectServer } from "../support/server.ts";
import { TlsFront } from "../support/tls.ts";

export { expect } from "@playwright/test";

/** Names in `package.json`: the old look for `code: "success"`, the newest for `message: "success"`. */
export const PICGOS = ["picgo-1", "picgo-2.0.1", "picgo-3"] as const;
export type PicGo = (typeof PICGOS)[number];

/** What a program printed, and how it ended. */
export type Run = { code: number; output: string };

export class Instance {
  private constructor(
    readonly server: ReflectServer,
    readonly front: TlsFront,
    readonly token: string,
    readonly api: Api,
  ) {}

  static async start(): Promise<Instance> {
    const front = await TlsFront.start();
    const server = await ReflectServer.start({ REFLECT_PUBLIC_URL: front.url });
    front.serve(server.url);
    const { name } = await server.addUser("ada");
    const token = await server.createToken(name);
    return new Instance(server, front, token, new Api(server.url, token));
  }

  async stop(): Promise<void> {
    await this.front.stop();
    await this.server.dispose();
  }

  /** The address at which the server itself is asked for what the front would answer. */
  behind(url: string): string {
    if (!url.startsWith(`${this.front.url}/`)) throw new Error(`${url} is not an address of ${this.front.url}`);
    return url.replace(this.front.url, this.server.url);
  }

  /** Runs a program that trusts the front. */
  run(program: string, words: string[], home: string): Promise<Run> {
    const { front } = this;
    const env = { PATH: process.env["PATH"], HOME: home, NODE_EXTRA_CA_CERTS: front.authority };
    return new Promise((ended) => {
      execFile(program, words, { env, cwd: home, timeout: 50_000 }, (error, stdout, stderr) => {
        ended({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
      });
    });
  }
}

type Fixtures = {
  /** A folder of this test's own. */
  home: string;
  /** Writes a picture there and answers its path. */
  keep: (image: ImageFile) => Promise<string>;
  /** Uploads files with a PicGo, which keeps settings and plugins in `home`. */
  picgo: (version: PicGo, settings: object, ...files: string[]) => Promise<Run>;
};

export const test = base.extend<Fixtures, { instance: Instance }>({
  instance: [
    // Playwright reads the first parameter's pattern.
    async ({}, use) => {
      const instance = await Instance.start();
      await use(instance);
      await instance.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  home: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), "reflect-client-"));
    await use(home);
    await rm(home, { recursive: true, force: true });
  },
  keep: async ({ home }, use) =>
    use(async ({ name, buffer }) => {
      const path = join(home, name);
      await writeFile(path, buffer);
      return path;
    }),
  picgo: async ({ home, instance }, use) =>
    use(async (version, settings, ...files) => {
      const folder = join(home, version);
      await mkdir(folder);
      const plugins = ["picgo-plugin-web-uploader", "picgo-plugin-lankong"];
      const dependencies = Object.fromEntries(plugins.map((plugin) => [plugin, "*"]));
      const picgoPlugins = Object.fromEntries(plugins.map((plugin) => [plugin, true]));
      await writeFile(join(folder, "package.json"), JSON.stringify({ name: "picgo-plugins", dependencies }));
      await symlink(join(import.meta.dirname, "node_modules"), join(folder, "node_modules"));
      const config = join(folder, "config.json");
      await writeFile(config, JSON.stringify({ ...settings, picgoPlugins }));
      const program = join(import.meta.dirname, "node_modules", version, "bin", "picgo");
      return instance.run(process.execPath, [program, "-c", config, "upload", ...files], home);
    }),
});

/** The addresses in what a program printed. */
export function addresses(output: string): string[] {
  return output.match(/https?:\/\/\S+/g) ?? [];
}
