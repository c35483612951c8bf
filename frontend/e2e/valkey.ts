// A Valkey of a test's own, on a free port.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:net";

export interface Valkey {
  settings: Record<string, string>;
  stop: () => Promise<void>;
  /** Again on the same port, and empty. */
  startAgain: () => Promise<void>;
}

function server(): string {
  const told = process.env.GATELODGE_TEST_VALKEY_SERVER;
  if (!told || !existsSync(told)) {
    throw new Error("Valkey is missing: scripts/parts.sh test sets it up");
  }
  return told;
}

export async function startValkey(): Promise<Valkey> {
  const port = await freePort();
  let process = await run(port);
  const stop = async () => {
    const ended = new Promise((resolve) => process.once("exit", resolve));
    if (process.exitCode === null && process.kill("SIGTERM")) await ended;
  };
  return {
    settings: {
      GATELODGE_VALKEY_URL: `redis://127.0.0.1:${port}`,
      GATELODGE_TOKEN_SALT: randomBytes(32).toString("hex"),
      GATELODGE_ACCOUNTS__ENABLED: "on",
    },
    stop,
    startAgain: async () => {
      process = await run(port);
    },
  };
}

function run(port: number): Promise<ChildProcess> {
  const valkey = spawn(
    server(),
    ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes("Ready to accept connections")) resolve(valkey);
    };
    valkey.stdout?.on("data", hear);
    valkey.stderr?.on("data", hear);
    valkey.once("exit", () => reject(new Error(`Valkey ended:\n${said}`)));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const holder = createServer();
    holder.once("error", reject);
    holder.listen(0, "127.0.0.1", () => {
      const address = holder.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      holder.close(() => resolve(port));
    });
  });
}
