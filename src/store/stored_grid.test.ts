import { describe, expect, test } from "vitest";
import { getCrs } from "../crs/index.ts";
import { getGrid, listGrids, makeGrid, TileMatrixSet } from "../grid/index.ts";
import { gridFromText, gridToText } from "./stored_grid.ts";

const custom = makeGrid({
  crs: "+proj=laea +lat_0=10 +lon_0=20 +ellps=WGS84 +units=m",
  bbox: [0, 0, 1e6, 1e6],
  id: "mine",
});
const lower = makeGrid({ crs: "EPSG:2193", origin: "sw", levels: 5, tileSize: [300, 200] });
const web = getGrid("WebMercatorQuad");
const shorter = new TileMatrixSet({ id: web.id, crs: web.crs, matrices: web.matrices.slice(0, 5) });
const stranger = new TileMatrixSet({ id: web.id, crs: getCrs("EPSG:3395"), matrices: web.matrices });

describe("a grid in a file", () => {
  test.each([
    ...listGrids().map((name) => getGrid(name)),
    ...listGrids().map((name) => getGrid(name, 512)),
    ...["UTM07WGS84Quad", "EPSG:2056", "EPSG:3031"].map((name) => getGrid(name)),
    custom,
    lower,
    shorter,
    stranger,
  ])("$id comes back as it was", (grid) => {
    const back = gridFromText(gridToText(grid), "the file");
    expect([back.id, back.title, back.crs.code]).toEqual([grid.id, grid.title, grid.crs.code]);
    expect(back.matrices).toEqual(grid.matrices);
    expect(back.crs.fromLonLat(20, 10)).toEqual(grid.crs.fromLonLat(20, 10));
  });

  test("the default grid of a CRS keeps its levels, whatever a later release makes of the CRS", () => {
    expect(gridToText(getGrid("EPSG:2056"))).toContain('"cellSize":2048');
    expect(gridToText(web)).not.toContain("cellSize");
  });

  const level = { ...web.getMatrix(0) };
  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"id":"x","crs":"EPSG:3857"}',
    '{"id":"x","crs":"EPSG:3857","tileSize":256,"matrices":null}',
    '{"id":"x","crs":"EPSG:3857","tileSize":256,"matrices":[]}',
    JSON.stringify({ id: "x", crs: "EPSG:3857", tileSize: 256, matrices: [{ ...level, cellSize: 0 }] }),
    JSON.stringify({ id: "x", crs: "EPSG:3857", tileSize: 256, matrices: [{ ...level, matrixWidth: 0.5 }] }),
    JSON.stringify({ id: "x", crs: "EPSG:3857", tileSize: 256, matrices: [{ ...level, pointOfOrigin: [0] }] }),
    JSON.stringify({ id: "x", crs: "EPSG:3857", tileSize: 256, matrices: [null] }),
  ])("%s is refused as corrupt", (text) => {
    expect(() => gridFromText(text, "the file")).toThrowError(expect.objectContaining({ code: "store.corrupt" }));
  });
});
