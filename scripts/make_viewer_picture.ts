// Makes docs/viewer.png from the picture that a browser test takes of the page while a job runs.
// npx vitest run test/browser/watch.test.ts && node scripts/make_viewer_picture.ts
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const root = fileURLToPath(new URL("..", import.meta.url));
/** A README that is heavy is read by fewer. */
const MAX_BYTES = 300_000;

const { width, height, size } = await sharp(`${root}/test-output/browser/watch.png`)
  .png({ palette: true, colours: 128, effort: 10 })
  .toFile(`${root}/docs/viewer.png`);
if (size > MAX_BYTES) throw new Error(`expected a picture of at most ${MAX_BYTES} bytes, got ${size}`);
console.log(`docs/viewer.png: ${width} x ${height}, ${size} bytes`);
