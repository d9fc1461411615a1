import { afterEach, describe, expect, it, vi } from "vitest";
import { isPostgresUrl, readPostgresUrl, shownPostgresUrl } from "./address.ts";

afterEach(() => vi.unstubAllEnvs());

describe("readPostgresUrl", () => {
  it("reads every part, percent-encoded or not given", () => {
    vi.stubEnv("PGPASSWORD", undefined);
    const full = readPostgresUrl(
      "postgresql://u%40x:p%2Fw@h.example:6543/my%20db?sslmode=disable&layer=osm&connect_timeout=3",
    );
    expect(full).toMatchObject({ host: "h.example", port: 6543, database: "my db", user: "u@x", layer: "osm" });
    expect([full.password(), full.connectTimeoutMs, full.location]).toEqual(["p/w", 3000, "h.example:6543/my db"]);
    const short = readPostgresUrl("postgres://localhost/d");
    expect([short.port, short.user, short.password(), short.layer]).toEqual([5432, undefined, "", null]);
    expect(readPostgresUrl("postgres://[::1]/d").location).toBe("[::1]:5432/d");
    expect(readPostgresUrl("postgres:///d?host=/run/postgresql").location).toBe("/run/postgresql:5432/d");
  });

  it("takes the password of the environment where the URL has none", () => {
    vi.stubEnv("PGPASSWORD", "from outside");
    expect(readPostgresUrl("postgres://u@localhost/d").password()).toBe("from outside");
    expect(readPostgresUrl("postgres://u:own@localhost/d").password()).toBe("own");
  });

  it("shows itself without user, password and files", () => {
    const url = "postgres://u:p@localhost/d?sslmode=disable&layer=a%26b";
    expect(shownPostgresUrl(url)).toBe("postgres://localhost:5432/d?layer=a%26b");
    expect(shownPostgresUrl(url, "c")).toBe("postgres://localhost:5432/d?layer=c");
    expect(shownPostgresUrl("/data/a.gpkg")).toBe("/data/a.gpkg");
    expect(["POSTGRES://h/d", "postgresql://h/d", "postgres.gpkg", "http://h"].map(isPostgresUrl)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
