import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A TCP proxy on 127.0.0.1 in front of another port of this machine, whose cable a test can pull. */
export class CutProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #mode: "open" | "refuse" | "stall" = "open";
  #delayMs = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(targetPort: number): Promise<CutProxy> {
    const proxy = new CutProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections through it right now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** The same URL over this proxy. */
  urlOf(url: string): string {
    const over = new URL(url);
    over.port = String(this.port);
    return over.href;
  }

  /** Breaks every connection with a reset; new ones are let through. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }

  /** From now on new connections are reset at once, and those that are there are broken. */
  refuse(): void {
    this.#mode = "refuse";
    this.cut();
  }

  /** From now on no byte passes in either direction, and nobody is told: a cable that was pulled. */
  stall(): void {
    this.#mode = "stall";
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Every piece of data comes this much later, in order. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Bytes pass again, those that waited first. */
  open(): void {
    this.#mode = "open";
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    near.on("error", () => undefined);
    if (this.#mode === "refuse") {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#targetPort, "127.0.0.1");
    far.on("error", () => undefined);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#join(near, far, () => this.#pairs.delete(pair));
    this.#join(far, near, () => this.#pairs.delete(pair));
    if (this.#mode === "stall") for (const socket of pair) socket.pause();
  }

  #join(from: Socket, to: Socket, onClose: () => void): void {
    const pass = (bytes: Buffer): void => {
      if (!to.destroyed) to.write(bytes);
    };
    from.on("data", (bytes) => {
      if (this.#delayMs === 0) pass(bytes);
      else setTimeout(() => pass(bytes), this.#delayMs);
    });
    from.on("close", () => {
      onClose();
      to.destroy();
    });
  }
}
