import { extname } from "node:path";
import { SqliteConnection } from "../geopackage/index.ts";
import { FEATURE_THREAD, workFile } from "./geopackage/work_file.ts";

/**
 * The thread that will write a GeoPackage, started and loaded before it is known which layers there are; no file is touched before `openFeatureWriter` takes it over
 * (`FeatureFileOptions.standby`). For other formats there is none.
 */
export class WriterStandby implements AsyncDisposable {
  #connection: SqliteConnection | null = null;

  /** @param path of the file to be made */
  constructor(path: string) {
    if (extname(path).toLowerCase() === ".gpkg") this.#connection = new SqliteConnection(workFile(path));
    // What cannot be loaded is told by the call that needs it.
    this.#connection?.load(FEATURE_THREAD).catch(() => undefined);
  }

  /** Hands the connection over, unopened. Null when there is none for that file, or no more. */
  take(path: string): SqliteConnection | null {
    const connection = this.#connection;
    if (connection?.path !== path) return null;
    this.#connection = null;
    return connection;
  }

  /** Ends the thread, unless it was handed over. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.close();
    this.#connection = null;
  }
}
