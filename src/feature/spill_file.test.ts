import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { SpillFile } from "./spill_file.ts";

const { path } = useTempFolder();

test("pieces come back from where they were put, and the file is gone in the end", () => {
  const [file, other] = [new SpillFile(path(".")), new SpillFile(path("."))];
  expect([file.append(Uint8Array.of(1, 2, 3)), file.append(Uint8Array.of(4)), other.append(Uint8Array.of(9))]).toEqual([
    0, 3, 0,
  ]);
  const into = new Uint8Array(3);
  file.read(1, into);
  expect([...into]).toEqual([2, 3, 4]);
  expect(() => file.read(2, into)).toThrow(expect.objectContaining({ code: "store.io" }));
  for (const each of [file, other]) each.close();
  expect(readdirSync(path("."))).toEqual([]);
});

test("what processes that are gone have left is removed, and nothing else", () => {
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const others = ["tilth-spill-x", `tilth-spill-${process.ppid}-0f`, `other-${gone}-0f`];
  for (const name of [...others, `tilth-spill-${gone}-0f`]) writeFileSync(path(name), "");
  new SpillFile(path(".")).close();
  expect(readdirSync(path(".")).toSorted()).toEqual(others.toSorted());
});

test("a folder that is not there is told", () => {
  expect(() => new SpillFile(path("none"))).toThrow(expect.objectContaining({ code: "store.io" }));
});
