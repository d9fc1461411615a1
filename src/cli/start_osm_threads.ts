import { encoderModules, WriterStandby } from "../feature/index.ts";
import { ImportThreads } from "../osm/index.ts";
import { engineTeller, findExtractBytes } from "./tell_engine.ts";

/** Of an import: those that make features, and the one that writes. */
export class OsmThreads implements AsyncDisposable {
  readonly import = new ImportThreads();
  readonly writer: WriterStandby;

  /** @param out the file to be made @param onUp called when those of the import are up */
  constructor(out: string, onUp: () => void) {
    this.import.warmUp(encoderModules(out)).then(onUp, () => undefined);
    this.writer = new WriterStandby(out);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.import[Symbol.asyncDispose](), this.writer[Symbol.asyncDispose]()]);
  }
}

/**
 * Starts the threads of an import before the command's own modules are loaded: both take 100 ms. Null without an extract. To be closed when the command has ended.
 */
export function startOsmThreads(
  from: string | undefined,
  out: string | undefined,
  teller = engineTeller,
): OsmThreads | null {
  if (from === undefined || out === undefined) return null;
  const sizeBytes = findExtractBytes(from);
  if (sizeBytes === null) return null;
  teller.beforeThreads(from, sizeBytes);
  return new OsmThreads(out, () => teller.whenUp(from, sizeBytes));
}
