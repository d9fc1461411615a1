import type { Plugin } from "vite";
import { readBackground, type Detail } from "./read_background.ts";

const NAME = /^virtual:background-(110m|50m)$/;

/** Gives `virtual:background-110m` and `-50m`: modules with the land of the world, made while building. */
export function backgroundPlugin(): Plugin {
  return {
    name: "tilth-background",
    resolveId: (id) => (NAME.test(id) ? `\0${id}` : null),
    load(id) {
      const detail = NAME.exec(id.slice(1))?.[1] as Detail | undefined;
      if (detail === undefined || !id.startsWith("\0")) return null;
      // A browser parses a JSON text faster than an array of the language.
      return `export const background = JSON.parse(${JSON.stringify(JSON.stringify(readBackground(detail)))});`;
    },
  };
}
