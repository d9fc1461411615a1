import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import chromium, { inflate } from "@sparticuz/chromium";
import { chromium as driver, type Browser } from "playwright-core";

const ARGUMENTS = [
  // As root, as tests in containers are, Chromium does not start its own sandbox.
  "--no-sandbox",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--in-process-gpu",
  // WebGL is drawn in software, the page without it: compositing in software WebGL stalls now and then for half a minute.
  "--disable-gpu-compositing",
  "--font-render-hinting=none",
];

/** The program: `TILTH_BROWSER`, or the Chromium that npm brought, unpacked. */
export async function findBrowser(): Promise<string> {
  return process.env["TILTH_BROWSER"] ?? chromium.executablePath();
}

/** A headless Chromium. On a machine without its libraries (NSS), with those that come along. */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  try {
    return await driver.launch({ executablePath, args: ARGUMENTS });
  } catch (error) {
    if (!String(error).includes("error while loading shared libraries")) throw error;
    const bin = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "../bin");
    await inflate(join(bin, "al2023.tar.br"));
    const env = { ...process.env, LD_LIBRARY_PATH: join(tmpdir(), "al2023/lib") } as Record<string, string>;
    return driver.launch({ executablePath, args: ARGUMENTS, env });
  }
}
