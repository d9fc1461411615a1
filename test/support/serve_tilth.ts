import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** `tilth serve` as a process of its own, on a port that was free. */
export class ServeProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #output: { text: string };

  private constructor(child: ChildProcess, ended: Promise<unknown>, url: string, output: { text: string }) {
    this.#child = child;
    this.#ended = ended;
    this.url = url;
    this.#output = output;
  }

  /** Resolves once it listens. @throws with what it said when it ends before */
  static async start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ServeProcess> {
    const child = spawn(process.execPath, [MAIN, "serve", ...args, "--port", "0", "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const ended = once(child, "exit");
    const output = { text: "" };
    child.stderr.on("data", (chunk: Buffer) => (output.text += chunk.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      output.text += `${line}\n`;
      const { url } = JSON.parse(line) as { url?: string };
      if (url === undefined) break;
      return new ServeProcess(child, ended, url, output);
    }
    await ended;
    throw new Error(`serve did not start: ${output.text}`);
  }

  /** Everything that it has said: its first line, and its log. */
  get output(): string {
    return this.#output.text;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** The body of the answer, which must be a good one. */
  async json(path: string, init?: RequestInit): Promise<unknown> {
    const answer = await this.fetch(path, init);
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`);
    return body;
  }

  post(path: string, body?: unknown): Promise<unknown> {
    if (body === undefined) return this.json(path, { method: "POST" });
    const headers = { "content-type": "application/json" };
    return this.json(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGINT");
    await this.#ended;
  }
}
