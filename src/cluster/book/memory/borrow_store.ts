import type { TileStore } from "../../../cache/index.ts";

/** The same store for somebody who closes what he has opened: it stays open. */
export function borrowStore(store: TileStore): TileStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "close") return () => Promise.resolve();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
