// An authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds.
import { Secret, TOTP } from "otpauth";

const PERIOD_MS = 30_000;

/** The six digits of a base32 secret at a time in milliseconds since 1970. */
export function codeAt(secret: string, time: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret.replaceAll(/[\s-]/g, "")), digits: 6, period: 30 }).generate({
    timestamp: time,
  });
}

/**
 * Gives each code once, as the server accepts it: the current one, then the next one, which the server's
 * allowance of one step takes already now. A third within the same 30 seconds has to wait for the clock.
 */
export class Authenticator {
  private lastStep = 0;

  /** @param usedNow whether the code of this moment was already spent, as by an enrolment */
  constructor(readonly secret: string, usedNow = false) {
    if (usedNow) this.lastStep = Math.floor(Date.now() / PERIOD_MS);
  }

  /** A code that was not given before, waiting for one where it must. */
  async code(): Promise<string> {
    const step = Math.max(this.lastStep + 1, Math.floor(Date.now() / PERIOD_MS));
    const opens = (step - 1) * PERIOD_MS;
    if (Date.now() < opens) await new Promise((resume) => setTimeout(resume, opens - Date.now() + 50));
    this.lastStep = step;
    return codeAt(this.secret, step * PERIOD_MS);
  }

  /** Six digits that are wrong for every step the server could accept. */
  wrongCode(): string {
    const now = Date.now();
    const near = new Set([-2, -1, 0, 1, 2].map((steps) => codeAt(this.secret, now + steps * PERIOD_MS)));
    for (let number = 0; ; number++) {
      const code = String(number).padStart(6, "0");
      if (!near.has(code)) return code;
    }
  }
}
