import { expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { BlockBuilder } from "../block_builder.ts";
import { UniqueObjects } from "./unique_objects.ts";

/** `1=a` is an object with the name a, `2` one without tags; a node, a way and a relation of each. */
function filtered(unique: UniqueObjects, ...objects: string[]): string[] {
  const builder = new BlockBuilder();
  for (const object of objects) {
    const [id, name] = object.split("=") as [string, string?];
    const tags = name === undefined ? [] : [["name", name] as const];
    builder.addNode(Number(id), 1, 1, tags);
    builder.addWay(Number(id), [1, 2], tags);
    builder.addRelation(Number(id), [{ type: "way", id: 1, role: "" }], tags);
  }
  return listObjects(unique.filter(builder.finish()));
}

const all = (...objects: string[]): string[] =>
  ["n%s 1,1", "w%s 1,2", "r%s way 1"].flatMap((kind) =>
    objects.map((object) => {
      const [id = "", name] = object.split("=");
      return `${kind.replace("%s", id)}${name === undefined ? "" : ` name=${name}`}`;
    }),
  );

test("an object keeps its tags where it has them first, in one block or over many; its place and line stay", () => {
  const unique = new UniqueObjects();
  expect(filtered(unique, "1=a", "2", "1=a", "3=c")).toEqual(all("1=a", "2", "1", "3=c"));
  expect(filtered(unique, "2=b", "1=a", "3", "-1=z")).toEqual(all("2=b", "1", "3", "-1=z"));
  expect(filtered(unique, "2=b", "-1=z")).toEqual(all("2", "-1"));
});
