import { testClusterBook } from "../../../../test/conformance/cluster_book.ts";
import { FakeClock } from "../../../../test/support/fake_clock.ts";
import { webMercatorQuad } from "../../../grid/index.ts";
import { openMemoryStore } from "../../../store/index.ts";
import { MemoryBook } from "./memory_book.ts";

testClusterBook("MemoryBook", () => {
  const clock = new FakeClock();
  const tiles = openMemoryStore({ grid: webMercatorQuad() });
  const book = new MemoryBook({ clock, caches: new Map([["world", tiles]]) });
  return Promise.resolve({
    book,
    other: book,
    cache: "world",
    tiles,
    advance: (ms) => clock.advance(ms),
    close: () => book.close(),
  });
});
