// A mail server on this machine, as reflect's settings name one: it wants STARTTLS and a login, and keeps what arrives.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { certificates } from "./tls.ts";

/** A mail that arrived. */
export type Mail = {
  /** The addresses on its envelope. */
  to: string[];
  from: string;
  subject: string;
  messageId: string;
  text: string;
  html: string;
  /** Every address in the text, in its order. */
  links: string[];
  /** The six digits in the text, if there are any. */
  code: string | undefined;
};

const USER = "reflect";
const PASSWORD = "p@ss:word/ß";
const ARRIVAL_LIMIT_MS = 15_000;

export class MailServer {
  /** Everything that arrived, oldest first. */
  readonly mails: Mail[] = [];
  private waiting: (() => void)[] = [];
  private refusal: { code: number; reason: string } | undefined;

  private constructor(
    private readonly server: SMTPServer,
    private readonly folder: string,
    /** A PEM file with the root of the server's certificate: `REFLECT_SMTP_CA`. */
    readonly ca: string,
  ) {}

  /** Starts a mail server on a free port. */
  static async start(): Promise<MailServer> {
    const { root, certificate, key } = await certificates({ type: 2, value: "localhost" });
    const folder = await mkdtemp(join(tmpdir(), "reflect-mail-"));
    const ca = join(folder, "root.pem");
    await writeFile(ca, root);
    const server: SMTPServer = new SMTPServer({
      key,
      cert: certificate,
      // A login before STARTTLS is refused, and so is a mail without a login.
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === USER && password === PASSWORD ? done(null, { user: username }) : done(new Error("Invalid login")),
      onRcptTo: (_address, _session, done) => done(started.refused()),
      onData: (stream, session, done) => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          PostalMime.parse(Buffer.concat(chunks)).then(
            (email) => {
              started.arrived(mailOf(email, to));
              done();
            },
            (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
          );
        });
      },
    });
    const started = new MailServer(server, folder, ca);
    // Clients that end a connection in their own way are no failure of a journey.
    server.on("error", () => undefined);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return started;
  }

  /** What `REFLECT_SMTP_URL` takes. */
  get url(): string {
    return this.urlFor(USER, PASSWORD);
  }

  /** The same with another login. */
  urlFor(user: string, password: string): string {
    const { port } = this.server.server.address() as AddressInfo;
    return `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@localhost:${port}?tls=required`;
  }

  /** The settings of a reflect that sends its mail here. */
  get settings(): Record<string, string> {
    return { REFLECT_SMTP_URL: this.url, REFLECT_SMTP_CA: this.ca, REFLECT_MAIL_FROM: "no-reply@pictures.example" };
  }

  /** Refuses every recipient from now on, with an SMTP code; nobody without one. */
  refuse(code?: number, reason = "not today"): void {
    this.refusal = code === undefined ? undefined : { code, reason };
  }

  /** Waits for the first mail to an address, and with that in its subject, that nobody took before; takes it. */
  async waitFor(to: string, subject = ""): Promise<Mail> {
    const deadline = Date.now() + ARRIVAL_LIMIT_MS;
    for (;;) {
      const place = this.mails.findIndex((mail) => mail.to.includes(to) && mail.subject.includes(subject));
      const [mail] = place < 0 ? [] : this.mails.splice(place, 1);
      if (mail) return mail;
      const left = deadline - Date.now();
      if (left <= 0) {
        const there = this.mails.map((mail) => `${mail.to.join(", ")}: ${mail.subject}`).join("\n");
        throw new Error(`no mail to ${to} with "${subject}"; there are:\n${there}`);
      }
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resume();
        });
      });
    }
  }

  /** Ends the server and removes its files. */
  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.server.close(closed));
    await rm(this.folder, { recursive: true, force: true });
  }

  private arrived(mail: Mail): void {
    this.mails.push(mail);
    for (const resume of this.waiting.splice(0)) resume();
  }

  private refused(): Error | null {
    const { code, reason } = this.refusal ?? {};
    return code === undefined ? null : Object.assign(new Error(reason), { responseCode: code });
  }
}

/** Starts a mail server; `await` its `stop()` at the end. */
export const startMail = (): Promise<MailServer> => MailServer.start();

function mailOf(email: Email, to: string[]): Mail {
  const text = email.text ?? "";
  return {
    to,
    from: email.from?.address ?? "",
    subject: email.subject ?? "",
    messageId: email.messageId ?? "",
    text,
    html: email.html ?? "",
    links: text.match(/https?:\/\/\S+/g) ?? [],
    code: /^\s*(\d{6})\s*$/m.exec(text)?.[1],
  };
}
