// Makes docs/demo.png from a real run: the demo's words beside the map that is in its file. Needs a monospaced font.
// node scripts/make_picture.ts     after `npm run demo`
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { MapService } from "../src/seed/index.ts";
import { openStore } from "../src/store/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const WIDTH = 1120;
const MAP = 512;
const LINE_HEIGHT = 19;

function run(args: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [`${root}/src/cli/main.ts`, ...args], {
    encoding: "utf8",
    cwd: root,
  });
  return `${stderr}${stdout}`
    .trim()
    .split("\n")
    .filter((line) => !line.includes("ExperimentalWarning"));
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Lines of at most `width` characters. */
function wrap(line: string, width: number): string[] {
  const parts: string[] = [];
  for (let rest = line; rest !== ""; rest = rest.slice(width)) parts.push(rest.slice(0, width));
  return parts.length === 0 ? [""] : parts;
}

const lines = [
  "$ tilth info demo/world.gpkg",
  ...run(["info", "demo/world.gpkg"]),
  "",
  "$ tilth verify demo/world.gpkg",
  ...run(["verify", "demo/world.gpkg"]),
].flatMap((line) => wrap(line, 70));
const texts = lines.map(
  (line, index) =>
    `<text x="16" y="${30 + index * LINE_HEIGHT}" fill="${line.startsWith("$") ? "#8fd18f" : "#dddddd"}" xml:space="preserve">${escape(line)}</text>`,
);
const terminal = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${MAP}"><rect width="100%" height="100%" fill="#1d2126"/><g font-family="DejaVu Sans Mono, monospace" font-size="13">${texts.join("")}</g></svg>`;

const store = await openStore(`${root}/demo/world.gpkg`, { mode: "read" });
await using service = new MapService({ store, source: null });
const map = await service.getImage([-180, -85.05, 180, 85.05], 1);
const picture = await sharp(Buffer.from(map.data), { raw: { width: map.width, height: map.height, channels: 4 } })
  .png()
  .toBuffer();
await sharp(Buffer.from(terminal))
  .composite([{ input: picture, left: WIDTH - MAP, top: 0 }])
  .png({ palette: true, colours: 128 })
  .toFile(`${root}/docs/demo.png`);
console.log(`docs/demo.png: ${lines.length} lines, map of ${map.tiles.asked} tiles`);
