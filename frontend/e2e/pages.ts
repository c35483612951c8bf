// What every journey stands on: a service of its own, a browser before it, and
// an ear for whatever the browser refused.

import { test as base, expect } from "@playwright/test";
import { type Service, start } from "./service";

interface Fixtures {
  /** The real binary, stopped when the test ends, however it ends. */
  service: Service;
  /** What the browser refused or complained of. Must be empty when the test ends. */
  complaints: string[];
}

export const test = base.extend<Fixtures>({
  service: async ({ browserName: _ }, use) => {
    const service = await start();
    await use(service);
    await service.stop();
  },
  complaints: [
    async ({ page, service }, use) => {
      const complaints: string[] = [];
      // Such as: Refused to apply inline style because it violates the policy.
      page.on("console", (message) => {
        if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== service.url) {
          complaints.push(`a request elsewhere: ${request.url()}`);
        }
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});
