import { describe, expect, test } from "vitest";
import type { TilthError } from "../../core/index.ts";
import { overpassJson } from "../../../test/support/osm_world.ts";
import { listRealFiles, realData } from "../../../test/support/real_data.ts";
import { requireData } from "./answers.ts";
import { parseSlotStatus } from "./slot_status.ts";

function errorOf(status: number, body: string | Uint8Array): TilthError | null {
  try {
    requireData({ status, body: typeof body === "string" ? Buffer.from(body) : body, host: "overpass.example.org" });
    return null;
  } catch (error) {
    return error as TilthError;
  }
}

describe("an answer", () => {
  test("that is whole JSON passes, a remark that is no error too", () => {
    expect(errorOf(200, overpassJson([]))).toBeNull();
    expect(errorOf(200, overpassJson([], { remark: "runtime remark: 3" }))).toBeNull();
    const tricky = [{ type: "node", id: 1, tags: { note: 'a "}" and [ in \\ it' } }];
    expect(errorOf(200, overpassJson(tricky))).toBeNull();
  });

  test("that was cut short anywhere is incomplete, behind a brace as well", () => {
    const body = overpassJson([
      { type: "way", id: 1, nodes: [1, 2], tags: { name: "}]}" } },
      { type: "way", id: 2, nodes: [1, 2] },
    ]).trimEnd();
    for (let bytes = 1; bytes < body.length; bytes++)
      expect(errorOf(200, body.slice(0, bytes)), body.slice(0, bytes)).toMatchObject({ code: "overpass.incomplete" });
  });

  test("that stopped within the query is incomplete, with what the service said", () => {
    const remark = 'runtime error: Query timed out in "query" at line 4 after 2 seconds.';
    const error = errorOf(200, overpassJson([{ type: "node", id: 1, lat: 0, lon: 0 }], { remark }));
    expect(error?.code).toBe("overpass.incomplete");
    expect(error?.message).toContain('Query timed out in "query" at line 4');
  });

  test.each([
    [200, "<html><body>Hello</body></html>", "overpass.answer"],
    [200, "", "overpass.busy"],
    [200, "OK", "overpass.answer"],
    [400, "line 1: parse error", "overpass.query"],
    [401, "", "overpass.refused"],
    [403, "", "overpass.refused"],
    [404, "", "overpass.answer"],
    [406, "Not Acceptable", "overpass.refused"],
    [413, "", "overpass.query"],
    [429, "", "overpass.quota"],
    [500, "", "overpass.busy"],
    [502, "", "overpass.busy"],
    [503, "", "overpass.busy"],
    [504, "", "overpass.busy"],
  ])("of the status %i with '%s' is %s, and names the host", (status, body, code) => {
    const error = errorOf(status, body);
    expect(error).toMatchObject({ code, fields: { status, host: "overpass.example.org" } });
    expect(error?.message).toContain("overpass.example.org");
  });

  test("that stopped is told by its own remark, whatever elements are called", () => {
    const elements = [{ type: "node", id: 1, lat: 0, lon: 0, tags: { remark: "a nice place" } }];
    const remark = "runtime error: out of memory";
    expect(errorOf(200, overpassJson(elements, { remark }))?.code).toBe("overpass.incomplete");
    const tagged = [{ type: "node", id: 1, lat: 0, lon: 0, tags: { remark } }];
    expect(errorOf(200, overpassJson(tagged))).toBeNull();
  });

  test.each([
    ['{"error": "busy"}', "overpass.busy"],
    ['{"message": "Too many requests"}', "overpass.busy"],
    ["<html><p>The server is probably too busy to handle your request.</p></html>", "overpass.busy"],
    ["<html>open64: 0 Success /osm3s_osm_base Dispatcher_Client::1</html>", "overpass.busy"],
    ["<html><title>429 Too Many Requests</title></html>", "overpass.quota"],
    ["<html>rate_limited. Please check /api/status</html>", "overpass.quota"],
  ])("of success that is %s is %s, and says what to do", (body, code) => {
    const error = errorOf(200, body);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(/go on later, what was fetched is kept; .*--overpass.*--from/);
  });

  test("of success whose remark is about the service is no reason to ask for less", () => {
    const open64 = "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx::";
    const codeOf = (remark: string): string | undefined => errorOf(200, overpassJson([], { remark }))?.code;
    expect(codeOf(`${open64}timeout. The server is probably too busy to handle your request.`)).toBe("overpass.busy");
    expect(codeOf(`${open64}rate_limited. Please check /api/status.`)).toBe("overpass.quota");
  });

  test.each([
    [400, "tell those who make this program"],
    [401, "asks for a name and a password (401): Log in; ask another service with --overpass"],
    [403, "TILTH_CONTACT"],
    [404, "is this the address of an Overpass interpreter? name one with --overpass"],
    [413, "name fewer --tags"],
    [429, "has no free place for this address (429); go on later"],
    [504, "is overloaded (504): Log in; go on later, what was fetched is kept"],
  ])("of the status %i says what to do next, and where extracts are", (status, next) => {
    const message = errorOf(
      status,
      "<html><head><title>No</title></head><body><h1>Log\n in</h1></body></html>",
    )?.message;
    expect(message).toContain(next);
    expect(message).not.toMatch(/[<>\n]/);
    if (![400, 404].includes(status)) expect(message).toContain("https://download.geofabrik.de");
  });

  test("of a page says what is seen of it, its title when that is nothing", () => {
    const page = "<!DOCTYPE html><html><head><title>Down &amp; out</title><style>b { }</style></head><body>";
    expect(errorOf(200, `${page}<p>We are <b>back</b> soon</p>`)?.message).toContain("got a page: We are back soon; ");
    expect(errorOf(200, `${page}<img src="x">`)?.message).toContain("got a page: Down & out; ");
  });

  test("of an error page says what the page says, for people", () => {
    const page = `<html><body><p><strong style="color:#FF0000">Error</strong>: line 2: parse error: &quot;out&quot; &lt;here&gt; </p>
<p><strong>Error</strong>: line 3: static error </p></body></html>`;
    expect(errorOf(400, page)?.message).toContain('line 2: parse error: "out" <here>, line 3: static error');
  });
});

if (realData !== undefined)
  describe("real answers", () => {
    const EXPECTED: Readonly<Record<string, readonly [code: string | null, text: string]>> = {
      "http200_remark_query_timed_out.json": ["overpass.incomplete", 'Query timed out in "query" at line 4'],
      "http200_remark_query_timed_out.xml": ["overpass.incomplete", "Query timed out"],
      "http200_remark_runtime_remark.json": [null, ""],
      "http400_parse_error.html": ["overpass.query", "line 2: parse error: ';' expected - 'out' found."],
      "http504_dispatcher_timeout.html": ["overpass.busy", "The server is probably too busy"],
    };
    const files = listRealFiles("overpass_errors").filter(({ name }) => name.startsWith("http"));
    for (const { name, bytes } of files)
      test(name, () => {
        const [code, text] = EXPECTED[name] ?? expect.unreachable(`no expectation for ${name}`);
        const error = errorOf(Number(/^http(\d+)/.exec(name)?.[1]), bytes);
        expect(error?.code ?? null).toBe(code);
        if (error !== null) expect(error.message).toContain(text);
        expect(error?.message ?? "").not.toContain("open64");
      });

    const STATUS: Readonly<Record<string, object>> = {
      "status_no_slots_waiting.txt": { limit: 2, free: 2, waitMs: 0 },
      "status_no_slots_waiting_six_lines.txt": { limit: 2, free: 2, waitMs: 0 },
      "status_one_slot_running.txt": { limit: 2, free: 1, waitMs: 0 },
      "status_one_slot_waiting.txt": { limit: 2, free: 1, waitMs: 0 },
    };
    for (const { name, bytes } of listRealFiles("overpass_errors").filter(({ name: each }) =>
      each.startsWith("status"),
    ))
      test(name, () => expect(parseSlotStatus(bytes.toString())).toEqual(STATUS[name]));
  });

describe("the status of places", () => {
  const after = (seconds: number): string => `Slot available after: 2026-01-01T00:00:00Z, in ${seconds} seconds.\n`;

  test.each([
    ["Rate limit: 0\n", { limit: null, free: 0, waitMs: 0 }],
    ["Rate limit: 2\n1 slots available now.\n", { limit: 2, free: 1, waitMs: 0 }],
    [`Rate limit: 2\n${after(40)}${after(7)}`, { limit: 2, free: 0, waitMs: 7000 }],
    [`Rate limit: 1\n${after(-3)}`, { limit: 1, free: 0, waitMs: 0 }],
    [
      "Rate limit: 2\nCurrently running queries (pid, space limit, time limit, start time):\n",
      { limit: 2, free: 0, waitMs: null },
    ],
    ["<html>", null],
    ["", null],
  ])("of '%s'", (text, expected) => expect(parseSlotStatus(text)).toEqual(expected));
});
