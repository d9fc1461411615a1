import type { TileStore } from "../../src/store/index.ts";

/** A store with some of its methods replaced. */
export function wrapStore(store: TileStore, overrides: Partial<TileStore>): TileStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(Object.hasOwn(overrides, name) ? overrides : target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
