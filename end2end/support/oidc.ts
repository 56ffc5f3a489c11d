// An OpenID Connect provider on this machine: panva's, a certified one, with forms of its own for people.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

const CLIENT_ID = "reflect";
const CLIENT_SECRET = "a secret between reflect and its provider";

/** A provider at which everybody is who they say. */
export class IdentityProvider {
  /** What comes before reflect's address is known waits. */
  private ready: (listener: RequestListener) => void = () => undefined;
  private readonly listener = new Promise<RequestListener>((ready) => (this.ready = ready));
  private readonly server = createServer(async (request, response) => (await this.listener)(request, response));

  static async start(): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    await new Promise<void>((listening) => provider.server.listen(0, "127.0.0.1", listening));
    return provider;
  }

  /** For a browser `localhost` is another site than `127.0.0.1`, where reflect is. */
  get issuer(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** The settings with which reflect knows it. */
  get settings(): Record<string, string> {
    return {
      REFLECT_OIDC_ISSUER: this.issuer,
      REFLECT_OIDC_CLIENT_ID: CLIENT_ID,
      REFLECT_OIDC_CLIENT_SECRET: CLIENT_SECRET,
      REFLECT_OIDC_NAME: "Home",
    };
  }

  /** Knows the instance of reflect at `origin` from now on. */
  serve(origin: string): void {
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [`${origin}/auth/oidc/callback`] }],
      cookies: { keys: ["for the tests alone"] },
      claims: { openid: ["sub"], email: ["email"], profile: ["name", "preferred_username"] },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@home.example`, preferred_username: id }),
      }),
      ttl: { Session: 3600, Grant: 3600, Interaction: 600, AccessToken: 600, IdToken: 600 },
    });
    this.ready(provider.callback());
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }
}
