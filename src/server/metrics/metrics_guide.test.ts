import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FakeBook, fakeSeed } from "../../../test/support/fake_book.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { TestApi } from "../fixtures/api_server.ts";

const folder = useTempFolder();
const guide = readFileSync(new URL("../../../docs/guide/metrics.md", import.meta.url), "utf8");

test("the guide lists every metric with its labels, and its rules use none that there is not", async () => {
  await using api = await TestApi.start({
    folder: folder.path("."),
    caches: () => ({ live: {} }),
    cluster: new FakeBook(fakeSeed()),
  });
  await (await api.fetch("/tiles/live/0/0/0")).arrayBuffer();
  const text = await (await api.fetch("/metrics")).text();
  const known = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = ""]) => name);
  const own = known.filter((name) => name.startsWith("tilth_"));
  expect(own.length).toBeGreaterThan(20);
  const rows = [...guide.matchAll(/^\| `(\w+)` *\|(.*?)\|/gm)];
  expect(rows.length).toBe(own.length);
  expect(new Set(rows.map(([, name]) => name))).toEqual(new Set(own));
  const labels = rows.map(([, name = "", listed = ""]) => [name, [...listed.matchAll(/\w+/g)].join()]);
  expect(labels).toEqual(labels.map(([name = ""]) => [name, labelsOf(text, name)]));
  const mentioned = new Set(guide.match(/\b(?:tilth|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g));
  const names = [...mentioned].map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

/** Of a sample of a metric, without the bound of a bucket. */
function labelsOf(text: string, name: string): string {
  const [, labels = ""] = new RegExp(`^${name}(?:_bucket)?(?:\\{(.*)\\})? `, "m").exec(text) ?? [];
  const listed = [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
  return listed.filter((label) => label !== "le").join();
}
