// One real reflect: its own process, port, data folder and database.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import pg from "pg";

/** What `reflect user add NAME --secret-now --json` prints. */
export type NewUser = {
  name: string;
  user_id: string;
  /** The authenticator's secret in base32. */
  secret: string;
  otpauth_url: string;
  recovery_codes: string[];
};

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

const executable = () => process.env["REFLECT_BIN"] ?? resolve(import.meta.dirname, "../../target/debug/reflect");

/** Settings of the person who runs the tests must not reach the server under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("REFLECT_")));
}

export class ReflectServer {
  private link: string | undefined;
  private process: ChildProcess | undefined;
  private log: string[] = [];

  private constructor(
    private readonly port: number,
    private readonly dataDir: string,
    readonly databaseUrl: string,
    private readonly adminUrl: string,
    private readonly settings: Record<string, string>,
  ) {}

  /**
   * Starts a server on an empty database of the cluster that `DATABASE_URL` names.
   * @param settings more environment variables, such as `REFLECT_MAX_UPLOAD`
   */
  static async start(settings: Record<string, string> = {}): Promise<ReflectServer> {
    const adminUrl = process.env["DATABASE_URL"];
    if (!adminUrl) throw new Error("DATABASE_URL is not set: run the journeys with `cargo xtask test --only browser`");
    const database = `reflect_e2e_${randomBytes(6).toString("hex")}`;
    await administer(adminUrl, `CREATE DATABASE ${database}`);
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    const dataDir = await mkdtemp(join(tmpdir(), "reflect-e2e-"));
    const server = new ReflectServer(await freePort(), dataDir, url.href, adminUrl, settings);
    try {
      await server.launch();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** The origin of the server's pages, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything the server printed so far. */
  get output(): string {
    return this.log.join("\n");
  }

  private environment(settings = this.settings): NodeJS.ProcessEnv {
    return {
      ...cleanEnvironment(),
      DATABASE_URL: this.databaseUrl,
      REFLECT_ADDR: `127.0.0.1:${this.port}`,
      REFLECT_DATA_DIR: this.dataDir,
      REFLECT_PUBLIC_URL: this.url,
      ...settings,
    };
  }

  /** The one-time set-up link, which a server without accounts prints at its start. */
  async setupLink(): Promise<string> {
    const deadline = Date.now() + START_LIMIT_MS;
    while (!this.link) {
      if (Date.now() > deadline) throw new Error(`reflect printed no set-up link:\n${this.output}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
    return this.link;
  }

  /** Starts the process on the data that is there, and waits until it listens. */
  async launch(): Promise<void> {
    this.link = undefined;
    const child = spawn(executable(), ["serve"], { env: this.environment(), stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((ready, fail) => {
        timer = setTimeout(() => fail(new Error(`reflect does not listen:\n${this.output}`)), START_LIMIT_MS);
        child.once("error", fail);
        child.once("exit", (code, signal) =>
          fail(new Error(`reflect ended at its start (${signal ?? code}):\n${this.output}`)),
        );
        createInterface({ input: child.stderr }).on("line", (line) => this.log.push(line));
        createInterface({ input: child.stdout }).on("line", (line) => {
          this.log.push(line);
          this.link ??= /^Set up reflect: (\S+)/.exec(line)?.[1];
          if (line.startsWith("Listening on ")) ready();
        });
      });
      await this.answersHealth();
    } finally {
      clearTimeout(timer);
    }
  }

  private async answersHealth(): Promise<void> {
    const answer = await fetch(`${this.url}/healthz`);
    if (!answer.ok) throw new Error(`/healthz answers ${answer.status}:\n${this.output}`);
  }

  /** Ends the process with a signal and waits for its end; `SIGKILL` for what a power cut does. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((end) => child.once("exit", () => end()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Stops the server and removes its database and data. */
  async dispose(): Promise<void> {
    await this.stop();
    await administer(this.adminUrl, `DROP DATABASE IF EXISTS ${new URL(this.databaseUrl).pathname.slice(1)} WITH (FORCE)`);
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Runs a command of the `reflect` program on this server's database and answers its standard output. */
  async cli(...words: string[]): Promise<string> {
    return this.cliWith(this.settings, ...words);
  }

  /** The same, with other settings in place of the server's. */
  async cliWith(settings: Record<string, string>, ...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(executable(), words, { env: this.environment(settings) });
    return stdout;
  }

  /** Adds an account that is enrolled at once. */
  async addUser(name: string, ...more: string[]): Promise<NewUser> {
    return JSON.parse(await this.cli("user", "add", name, "--secret-now", "--json", ...more)) as NewUser;
  }

  /** The link with which somebody who has lost every way in enrols anew. */
  async resetLink(name: string, ...flags: string[]): Promise<string> {
    const { link } = JSON.parse(await this.cli("user", "reset", name, "--json", ...flags)) as { link: string };
    return link;
  }

  /** Has everything that is stored checked; fails, with what is wrong, if anything is. Answers how many files there are. */
  async verify(): Promise<number> {
    const { images } = JSON.parse(await this.cli("verify", "--json")) as { images: { files: number } };
    return images.files;
  }

  /** Gives an account so many images, spread over five years. */
  async seed(name: string, images: number): Promise<void> {
    await this.cli("seed", "--user", name, "--images", String(images));
  }

  /** Changes what is stored, for what would take months to happen. */
  async alter(statement: string): Promise<void> {
    await administer(this.databaseUrl, statement);
  }

  /** Lets everybody's fresh code be older than ten minutes. */
  async letCodesLapse(): Promise<void> {
    await this.alter("UPDATE sessions SET data = jsonb_set(data, '{signed_in,fresh_until}', '0')");
  }

  /** Makes an API token for an account. */
  async createToken(name: string): Promise<string> {
    const { token } = JSON.parse(await this.cli("token", "create", "--user", name, "--json")) as { token: string };
    return token;
  }

  /** Writes 60 entries about an account into the log: API tokens that are made and revoked. */
  async fillLog(name: string): Promise<void> {
    await Promise.all([1, 2, 3].map(async () => {
      for (let n = 0; n < 10; n++) {
        const { id } = JSON.parse(await this.cli("token", "create", "--user", name, "--json")) as { id: string };
        await this.cli("token", "revoke", "--user", name, id);
      }
    }));
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const address = probe.address();
  await new Promise<void>((closed) => probe.close(() => closed()));
  if (address === null || typeof address === "string") throw new Error("no port for the server");
  return address.port;
}
