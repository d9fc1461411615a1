import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { usePostgres } from "../../test/support/postgres.ts";
import { openPostgres } from "./database.ts";
import { readPostgresUrl } from "./address.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const certificate = fixture("localhost.cert.pem");
const folder = mkdtempSync(join(tmpdir(), "tilth-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The server refuses a key that others may read, so that it has to be its own: as root it runs as the user `postgres`. */
function ownKey(): string {
  const path = join(folder, "server.key");
  chmodSync(folder, 0o755);
  copyFileSync(fixture("localhost.key.pem"), path);
  chmodSync(path, 0o600);
  const owner = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  // Of root it may be read by the group of the server's user.
  if (userInfo().uid === 0 && owner !== null) chownSync(path, Number(owner[1]), Number(owner[2]));
  return path;
}

const server = usePostgres({
  settings: { ssl: "on", ssl_cert_file: certificate, ssl_key_file: ownKey(), listen_addresses: "127.0.0.1,127.0.0.2" },
});

/** How the connection is made with such a query; a code when it is refused. */
async function connect(query: string, host = "127.0.0.1"): Promise<boolean | string> {
  const url = new URL(server().url);
  url.hostname = host;
  url.search = query;
  try {
    await using database = await openPostgres(url.href);
    const [row] = await database.query<{ ssl: boolean }>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    return row?.ssl ?? "no row";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("sslmode", () => {
  it("means what it means to libpq", async () => {
    const ca = `sslrootcert=${encodeURIComponent(certificate)}`;
    expect(await connect("")).toBe(false);
    expect(await connect("sslmode=disable")).toBe(false);
    expect(await connect("sslmode=require")).toBe(true);
    expect(await connect(`sslmode=verify-ca&${ca}`, "127.0.0.2")).toBe(true);
    expect(await connect(`sslmode=require&${ca}`, "127.0.0.2")).toBe(true);
    expect(await connect(`sslmode=verify-full&${ca}`)).toBe(true);
    expect(await connect(`sslmode=verify-full&${ca}`, "127.0.0.2")).toBe("postgres.unreachable");
    expect(await connect("sslmode=verify-full")).toBe("postgres.unreachable");
    expect(await connect("sslmode=verify-ca")).toBe("postgres.url");
    for (const mode of ["prefer", "allow", "no-verify", ""])
      expect(await connect(`sslmode=${mode}`)).toBe("postgres.url");
  });

  it("says that a certificate is not a matter of waiting", async () => {
    const url = `${server().url}?sslmode=verify-full`;
    await expect(openPostgres(url)).rejects.toMatchObject({ fields: { retryable: false } });
  });

  it("is verify-full for other machines and nothing for this one, unless something is said", () => {
    expect(readPostgresUrl("postgres://u:p@db.example.org/d").tls).toMatchObject({ rejectUnauthorized: true });
    for (const host of ["localhost", "127.0.0.1", "[::1]"])
      expect(readPostgresUrl(`postgres://u:p@${host}/d`).tls).toBe(false);
  });
});
