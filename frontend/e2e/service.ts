// The real binary, started for a test on a free port with a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const STARTS_WITHIN_MS = 30_000;

export interface Service {
  url: string;
  stop: () => Promise<void>;
}

/** Where the binary is: told, or where cargo leaves it. */
function binary(): string {
  const builds = process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, "../../target");
  const told = process.env.GATELODGE_BINARY ?? join(builds, "debug/gatelodge");
  if (!existsSync(told)) throw new Error(`${told} is missing: cargo build, after npm run build`);
  return told;
}

/** The browser: told by scripts/parts.sh, or the system's own. */
export function chromium(): string {
  const known = [
    process.env.GATELODGE_TEST_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
  ];
  const found = known.find((path) => path && existsSync(path));
  if (!found) {
    throw new Error(
      "Chromium is missing: scripts/parts.sh test finds or fetches it, or set GATELODGE_TEST_CHROMIUM",
    );
  }
  return found;
}

export async function start(settings: Record<string, string> = {}): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "gatelodge-e2e-"));
  const process = spawn(binary(), ["serve"], {
    cwd: folder,
    env: {
      PATH: "/usr/bin:/bin",
      GATELODGE_PORT: "0",
      GATELODGE_DATA_DIR: folder,
      GATELODGE_DEV_USER: "dev",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    const ended = new Promise((resolve) => process.once("exit", resolve));
    if (process.exitCode === null && process.kill("SIGTERM")) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await address(process), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** It says on which port it listens. */
function address(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`the service ${why}:\n${said}`));
    const timer = setTimeout(() => fail("did not start in time"), STARTS_WITHIN_MS);
    const hear = (bytes: Buffer) => {
      said += bytes.toString();
      const found = said.match(/http:\/\/127\.0\.0\.1:([1-9]\d*)/);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    };
    service.stdout?.on("data", hear);
    service.stderr?.on("data", hear);
    service.once("exit", () => {
      clearTimeout(timer);
      fail("ended");
    });
  });
}
