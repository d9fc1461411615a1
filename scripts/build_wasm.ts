// Compiles assembly/*.ts to WebAssembly and writes each as a base64 string into the room that calls it. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Target {
  readonly entry: string;
  readonly out: string;
  readonly name: string;
  /** Its memory is one thread's alone: copies into memory that may be shared take three times as long. */
  readonly isOwn?: true;
}

/** What is compiled, and where it goes. */
const TARGETS: readonly Target[] = [
  { entry: "assembly/warp.ts", out: "src/reproject/kernels/warp_wasm.ts", name: "WARP_WASM_BASE64" },
  {
    entry: "assembly/terrain.ts",
    out: "src/terrain/kernels/terrain_wasm.ts",
    name: "TERRAIN_WASM_BASE64",
    isOwn: true,
  },
  { entry: "assembly/block.ts", out: "src/raster/geotiff/block_wasm.ts", name: "BLOCK_WASM_BASE64", isOwn: true },
  {
    entry: "assembly/statistics.ts",
    out: "src/raster/geotiff/statistics_wasm.ts",
    name: "STATISTICS_WASM_BASE64",
    isOwn: true,
  },
  { entry: "assembly/json_elements.ts", out: "src/osm/text/json_wasm.ts", name: "JSON_WASM_BASE64", isOwn: true },
  { entry: "assembly/pbf_block.ts", out: "src/osm/pbf/pbf_wasm.ts", name: "PBF_WASM_BASE64", isOwn: true },
  {
    entry: "assembly/records.ts",
    out: "src/feature/geopackage/records_wasm.ts",
    name: "RECORDS_WASM_BASE64",
    isOwn: true,
  },
  {
    entry: "assembly/geojson.ts",
    out: "src/feature/geojson/geojson_wasm.ts",
    name: "GEOJSON_WASM_BASE64",
    isOwn: true,
  },
  { entry: "assembly/png_filter.ts", out: "src/raster/png_filter_wasm.ts", name: "PNG_FILTER_WASM_BASE64" },
];

const FLAGS = ["-O3", "--noAssert", "--converge", "--runtime", "stub", "--use", "abort=", "--enable", "simd"];
/** The memory is made by the caller: 65,536 pages of 64 KiB are all that 32 bits can address. */
const SHARED_MEMORY = ["--enable", "threads", "--importMemory", "--sharedMemory", "--maximumMemory", "65536"];
const OWN_MEMORY = ["--importMemory", "--maximumMemory", "65536"];

async function compile({ entry, isOwn }: Target): Promise<string> {
  // Loaded only here: 3 MB of compiler.
  const { default: asc } = await import("assemblyscript/asc");
  const memory = isOwn === true ? OWN_MEMORY : SHARED_MEMORY;
  let binary: Uint8Array | null = null;
  const { error } = await asc.main([entry, "-o", "out.wasm", ...FLAGS, ...memory], {
    readFile: (name: string) => readSource(name),
    writeFile: (_name: string, data: string | Uint8Array) => void (binary = Buffer.from(data)),
    listFiles: () => [],
  });
  if (error !== null || binary === null)
    throw new Error(`${entry} does not compile: ${error?.message ?? "no output"}`, { cause: error });
  return Buffer.from(binary).toString("base64");
}

function readSource(name: string): string | null {
  try {
    return readFileSync(`${root}/${name}`, "utf8");
  } catch {
    // The compiler asks for several places of each file.
    return null;
  }
}

function render(entry: string, name: string, base64: string): string {
  return `// Made by scripts/build_wasm.ts from ${entry}; do not edit.\nexport const ${name} =\n  "${base64}";\n`;
}

for (const target of TARGETS) {
  const { entry, out, name } = target;
  const text = render(entry, name, await compile(target));
  if (!process.argv.includes("--check")) writeFileSync(`${root}/${out}`, text);
  else if (readFileSync(`${root}/${out}`, "utf8") !== text) {
    console.error(`${out} is not what ${entry} compiles to: run node scripts/build_wasm.ts`);
    process.exitCode = 1;
  }
}
