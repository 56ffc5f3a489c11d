// What stands before an instance that is reached by https: for clients that know nothing else.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";

/** By type: 2 is a name, 7 is an address (RFC 5280 §4.2.1.6). */
type AltName = { type: 2; value: string } | { type: 7; ip: string };

/** A root, and a certificate that it signed for a name or an address of this machine. */
export async function certificates(name: AltName): Promise<{ root: string; certificate: string; key: string }> {
  const common = { keyType: "ec", algorithm: "sha256" } as const;
  const root = await generate([{ name: "commonName", value: "journeys" }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: "commonName", value: "localhost" }], {
    ...common,
    ca: { key: root.private, cert: root.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "subjectAltName", altNames: [name] },
    ],
  });
  return { root: root.cert, certificate: leaf.cert, key: leaf.private };
}

/** A proxy that speaks TLS 1.2 and no other, with a certificate of its own making. */
export class TlsFront {
  private target = "";

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(): Promise<TlsFront> {
    const { root, certificate, key } = await certificates({ type: 7, ip: "127.0.0.1" });
    const folder = await mkdtemp(join(tmpdir(), "reflect-tls-"));
    await writeFile(join(folder, "root.pem"), root);
    const server = createServer({ cert: certificate, key, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
    // Clients that keep a connection wait for its end before theirs.
    server.keepAliveTimeout = 100;
    const front = new TlsFront(server, folder);
    server.on("request", (incoming, answer) => {
      const { method, headers, url } = incoming;
      const onward = request(front.target + url, { method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
        response.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      incoming.pipe(onward);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return front;
  }

  /** Where it is, without `https://`. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `https://${this.host}`;
  }

  /** The file with the certificate that clients have to trust. */
  get authority(): string {
    return join(this.folder, "root.pem");
  }

  /** Sends what comes on to `origin` from now on. */
  serve(origin: string): void {
    this.target = origin;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
