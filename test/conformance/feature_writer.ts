import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { isTilthError } from "../../src/core/index.ts";
import { getCrs } from "../../src/crs/index.ts";
import { openFeatureWriter, type FeatureFileOptions, type FeatureWriter } from "../../src/feature/index.ts";
import { featureBatch, FILE_OPTIONS, LAYERS, placesFrom, type TestFeature } from "../support/feature_layers.ts";
import { startWriter } from "../support/start_writer.ts";
import { useTempFolder } from "../support/temp_folder.ts";

/** What differs from format to format. */
export interface FeatureWriterUnderTest {
  fileName: string;
  /** What a finished file holds, in any order; `path` is what the writer was opened with. */
  read(path: string): Promise<TestFeature[]>;
  /** Names in the folder when those layers have features. */
  leaves(layers: readonly string[]): readonly string[];
  /** Of all layers in one file; else of the first. */
  readAttribution(path: string): Promise<string>;
}

const WRITE_FEATURES = new URL("./write_features_until_killed.ts", import.meta.url);

const square = (x: number, y: number, size: number): (readonly [number, number])[] => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
];

/** One of each shape and more. */
const SHAPES: readonly TestFeature[] = [
  { layer: "places", coordinates: [7.5, 46.25], columns: { osm_id: 1, osm_type: "node", height: 12.5 }, tags: {} },
  {
    layer: "places",
    coordinates: [-179.999_999_9, -89.9],
    columns: { osm_id: 9_007_199_254_740_991, osm_type: "node" },
    tags: { name: "far", layer: "-1" },
  },
  { layer: "places", coordinates: [0, 0], columns: { height: -0.1 }, tags: { layer_2: "x", layer: "y" } },
  {
    layer: "roads",
    coordinates: [
      [1e-7, 2],
      [3, -4],
      [5.125, 6],
    ],
    columns: {},
    tags: { name: "road" },
  },
  {
    layer: "routes",
    coordinates: [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3],
        [4, 2],
      ],
    ],
    columns: {},
    tags: { ref: "1" },
  },
  {
    layer: "buildings",
    coordinates: [[square(8, 47, 0.5)]],
    columns: { osm_id: 5, osm_type: "way" },
    tags: { building: "yes" },
  },
  {
    layer: "buildings",
    coordinates: [
      [square(8, 47, 1), square(8.1, 47.1, 0.2).toReversed(), square(8.5, 47.5, 0.1).toReversed()],
      [square(20, -30, 2), square(20.5, -29.5, 0.5).toReversed()],
    ],
    columns: { osm_id: 6, osm_type: "relation" },
    tags: {},
  },
];

const ODD_TEXTS: readonly string[] = [
  "",
  " ",
  "quotes \" and \\ and '",
  "line\nend\r\n\ttab",
  "snow ☃ face 😀 family 👨‍👩‍👧 हिन्दी",
  "line separators \u2028 \u2029 \u0085",
  "nul \0 in the middle",
  "</script><!-- {}[],:",
  "__proto__",
  "\u001e record separator",
  "x".repeat(300_000),
];

const textOf = (feature: TestFeature): string =>
  JSON.stringify(feature, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

const sorted = (features: readonly TestFeature[]): string[] => features.map(textOf).toSorted();

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (isTilthError(error) ? error.code : String(error)),
  );
}

/** The promises of the role `FeatureWriter`, held by every format. */
export function describeFeatureWriter(name: string, subject: FeatureWriterUnderTest): void {
  describe(`FeatureWriter: ${name}`, () => {
    const temp = useTempFolder();
    const path = (): string => temp.path(subject.fileName);
    const files = async (): Promise<string[]> => (await readdir(temp.path("."))).toSorted();
    const leaves = (...layers: string[]): string[] => [...subject.leaves(layers)].toSorted();
    const open = (options: Partial<FeatureFileOptions> = {}): Promise<FeatureWriter> =>
      openFeatureWriter(path(), { ...FILE_OPTIONS, ...options });

    async function writeFile(features: readonly TestFeature[]): Promise<void> {
      await using writer = await open();
      await writer.write(featureBatch(features));
      await writer.finish();
    }

    it("gives back every shape, column and tag; layers without features are left out", async () => {
      await using writer = await open();
      await writer.write(featureBatch(SHAPES));
      const summary = await writer.finish();
      expect(sorted(await subject.read(path()))).toEqual(sorted(SHAPES));
      expect(summary.unprojectable).toBe(0);
      expect(summary.layers.map((layer) => [layer.name, layer.count, layer.bbox])).toEqual([
        ["places", 3, [-179.999_999_9, -89.9, 7.5, 46.25]],
        ["roads", 1, [1e-7, -4, 5.125, 6]],
        ["routes", 1, [0, 0, 4, 3]],
        ["buildings", 2, [8, -30, 22, 48]],
        ["nothing", 0, null],
      ]);
      expect(await files()).toEqual(leaves("places", "roads", "routes", "buildings"));
      expect(await subject.readAttribution(path())).toBe(FILE_OPTIONS.attribution);
    });

    it("keeps odd keys and values as they are", async () => {
      const features = ODD_TEXTS.map((text, i): TestFeature => {
        const tags = Object.fromEntries([
          [text, `value ${i}`],
          ["name", text],
        ]);
        return { layer: "places", coordinates: [i, i], columns: { osm_id: i, osm_type: "node" }, tags };
      });
      await writeFile(features);
      expect(sorted(await subject.read(path()))).toEqual(sorted(features));
    });

    it("writes batch after batch in which layers are mixed, and takes more before the first is done", async () => {
      const batches = Array.from({ length: 40 }, (_, n) => [
        ...placesFrom(100 * n, 100),
        ...SHAPES.slice(n % 3).map((shape) => ({ ...shape, tags: { ...shape.tags, batch: String(n) } })),
      ]);
      await using writer = await open();
      await writer.write(featureBatch([]));
      await Promise.all(batches.map((features) => writer.write(featureBatch(features))));
      await writer.finish();
      expect(sorted(await subject.read(path()))).toEqual(sorted(batches.flat()));
    });

    it("counts features whose positions are none, and writes the others", async () => {
      const nowhere = [Number.NaN, Infinity].map((x): TestFeature => ({
        ...placesFrom(1, 1)[0]!,
        coordinates: [x, 1],
      }));
      const broken: TestFeature = {
        layer: "roads",
        coordinates: [
          [0, 0],
          [1, Number.NaN],
          [2, 2],
        ],
        columns: {},
        tags: {},
      };
      await using writer = await open();
      await writer.write(featureBatch([...nowhere, ...placesFrom(5, 3), broken]));
      const summary = await writer.finish();
      expect(summary.unprojectable).toBe(3);
      expect(sorted(await subject.read(path()))).toEqual(sorted(placesFrom(5, 3)));
    });

    it("leaves nothing behind when it is disposed without finish", async () => {
      {
        await using writer = await open();
        await writer.write(featureBatch(SHAPES));
      }
      expect(await files()).toEqual([]);
    });

    it("leaves nothing behind when it is cancelled, at once or in the middle", async () => {
      expect(await codeOf(open({ signal: AbortSignal.abort() }))).toBe("cancelled");
      expect(await files()).toEqual([]);
      const controller = new AbortController();
      {
        await using writer = await open({ signal: controller.signal });
        await writer.write(featureBatch(placesFrom(0, 100)));
        const running = [
          codeOf(writer.write(featureBatch(placesFrom(100, 5000)))),
          codeOf(writer.write(featureBatch(SHAPES))),
        ];
        controller.abort();
        expect(await Promise.all(running)).toEqual(["cancelled", "cancelled"]);
        expect(await codeOf(writer.finish())).not.toBe("no error");
      }
      expect(await files()).toEqual([]);
    });

    it("leaves what was there when finish is cancelled", async () => {
      await writeFile(placesFrom(0, 10));
      const before = await files();
      {
        await using writer = await open();
        await writer.write(featureBatch(placesFrom(100, 5000)));
        const controller = new AbortController();
        const finished = codeOf(writer.finish({ signal: controller.signal }));
        controller.abort();
        expect(await finished).toBe("cancelled");
      }
      expect(await files()).toEqual(before);
      expect(sorted(await subject.read(path()))).toEqual(sorted(placesFrom(0, 10)));
    });

    it("takes nothing more after a batch that was not written", async () => {
      await using writer = await open();
      expect(await codeOf(writer.write(featureBatch(SHAPES), { signal: AbortSignal.abort() }))).toBe("cancelled");
      const controller = new AbortController();
      const running = codeOf(writer.write(featureBatch(placesFrom(0, 5000)), { signal: controller.signal }));
      controller.abort();
      expect(await running).toBe("cancelled");
      expect(await codeOf(writer.write(featureBatch(SHAPES)))).toBe("argument.invalid");
      expect(await codeOf(writer.finish())).toBe("argument.invalid");
    });

    it("goes on with other layers when some have ended; that ends none when it is cancelled beforehand", async () => {
      const [places, others] = [placesFrom(0, 300), SHAPES.filter(({ layer }) => layer !== "places")];
      {
        await using writer = await open();
        await writer.write(featureBatch([...places, ...others]));
        await Promise.all([writer.endLayers([0, 1, 4]), writer.write(featureBatch(others.slice(1)))]);
        await writer.finish();
        expect(sorted(await subject.read(path()))).toEqual(sorted([...places, ...others, ...others.slice(1)]));
        expect(await codeOf(writer.endLayers([2]))).toBe("argument.invalid");
      }
      await using writer = await open();
      await writer.write(featureBatch(places));
      expect(await codeOf(writer.endLayers([0], { signal: AbortSignal.abort() }))).toBe("cancelled");
      await writer.endLayers([0]);
      await writer.finish();
      expect(sorted(await subject.read(path()))).toEqual(sorted(places));
    });

    it("finishes once, and takes nothing after it", async () => {
      await using writer = await open();
      await writer.write(featureBatch(SHAPES));
      const first = writer.finish();
      expect(await codeOf(writer.finish())).toBe("argument.invalid");
      await first;
      expect(await codeOf(writer.finish())).toBe("argument.invalid");
      expect(await codeOf(writer.write(featureBatch(SHAPES)))).toBe("argument.invalid");
      await writer[Symbol.asyncDispose]();
      expect(sorted(await subject.read(path()))).toEqual(sorted(SHAPES));
    });

    it("leaves what is there as it is until finish, then takes its place", async () => {
      const [old, renewed] = [placesFrom(0, 20), [...placesFrom(500, 3), ...SHAPES]];
      await writeFile(old);
      await using writer = await open();
      await writer.write(featureBatch(renewed));
      expect(sorted(await subject.read(path()))).toEqual(sorted(old));
      await writer.finish();
      expect(sorted(await subject.read(path()))).toEqual(sorted(renewed));
      expect(await files()).toEqual(leaves("places", "roads", "routes", "buildings"));
    });

    it("takes away layers that it wrote before and that now have no feature", async () => {
      await writeFile(SHAPES);
      await writeFile(placesFrom(0, 3));
      expect(sorted(await subject.read(path()))).toEqual(sorted(placesFrom(0, 3)));
      expect(await files()).toEqual(leaves("places"));
    });

    it("has one writer", async () => {
      await using writer = await open();
      await writer.write(featureBatch(placesFrom(0, 3)));
      expect(await codeOf(open())).toBe("store.locked");
      await writer.finish();
      expect(sorted(await subject.read(path()))).toEqual(sorted(placesFrom(0, 3)));
      await (await open())[Symbol.asyncDispose]();
    });

    it("puts no file at its place when it is killed, and the next one takes over", async () => {
      const child = await startWriter(WRITE_FEATURES, path());
      try {
        expect(await codeOf(open())).toBe("store.locked");
      } finally {
        child.process.kill("SIGKILL");
      }
      await child.exited;
      const places = leaves(...LAYERS.map((layer) => layer.name));
      expect((await files()).filter((file) => places.includes(file))).toEqual([]);
      await writeFile(placesFrom(0, 3));
      expect(await files()).toEqual(leaves("places"));
      expect(sorted(await subject.read(path()))).toEqual(sorted(placesFrom(0, 3)));
    });

    it("refuses layers that cannot be told apart, and a folder that is not there", async () => {
      const [places] = LAYERS;
      for (const wrong of ["Places", "../up", "", "gpkg_contents", "1st"])
        expect(await codeOf(open({ layers: [places!, { ...places!, name: wrong }] }))).toBe("argument.invalid");
      const away = openFeatureWriter(temp.path(`none/${subject.fileName}`), FILE_OPTIONS);
      expect(await codeOf(away)).toBe("store.readOnly");
      expect(await files()).toEqual([]);
    });

    it("writes a file of one layer, with and without features, in EPSG:4326 as in CRS84", async () => {
      const layers = LAYERS.slice(0, 1);
      for (const features of [placesFrom(0, 40), []]) {
        await using writer = await open({ layers, crs: getCrs("EPSG:4326") });
        await writer.write(featureBatch(features, layers));
        await writer.finish();
        expect(await files()).toEqual([subject.fileName]);
      }
    });
  });
}
