import type { AddressInfo } from "node:net";
import { TilthError } from "../core/index.ts";
import { createApp, type ServerOptions } from "./app.ts";

export interface ListenOptions extends ServerOptions {
  /** @default "127.0.0.1" */
  host?: string;
  /** 0 = any that is free. @default 8765 */
  port?: number;
}

export interface RunningServer extends AsyncDisposable {
  /** Where it is found, without a slash at the end. */
  readonly url: string;
  /** Lets requests under way end (5 s at the most), then closes the caches. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 8765;
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;
/** Time for requests under way when the server closes, ms. */
const CLOSE_GRACE_MS = 5_000;

/**
 * Listens. @throws `argument.invalid` for an address that is not the machine's own: nothing guards this server yet;
 * `server.address` when the address cannot be taken
 */
export async function startServer(options: ListenOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = DEFAULT_PORT, registry, ...rest } = options;
  if (!LOOPBACK.test(host))
    throw new TilthError("argument.invalid", `expected an address of this machine such as 127.0.0.1, got '${host}'`);
  const app = await createApp({ ...rest, registry });
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const message = `could not listen on ${host}:${port}; is it taken? choose another with --port`;
    throw new TilthError("server.address", message, { cause, fields: { host, port } });
  }
  const address = app.server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll();
    return closing;
  };
  const closeAll = async (): Promise<void> => {
    const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
    await app.close();
    clearTimeout(timer);
    await registry.close();
  };
  return { url: `http://${name}:${address.port}`, close, [Symbol.asyncDispose]: close };
}
