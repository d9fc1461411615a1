import { openFeatureWriter } from "../../src/feature/index.ts";
import { featureBatch, FILE_OPTIONS, placesFrom } from "../support/feature_layers.ts";

/** Run as a process of its own: writes batches of 50 features and prints the number of each batch once it is written. Never finishes. */
const [path = ""] = process.argv.slice(2);
const writer = await openFeatureWriter(path, FILE_OPTIONS);
for (let batch = 0; batch < 100_000; batch += 1) {
  await writer.write(featureBatch(placesFrom(50 * batch, 50)));
  process.stdout.write(`${batch}\n`);
}
