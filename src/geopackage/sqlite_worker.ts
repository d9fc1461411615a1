import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { TilthError } from "../core/index.ts";
import { storeErrorFrom } from "./sqlite_errors.ts";
import { Handover, type AnswerMessage, type CallMessage, type SqliteFile } from "./sqlite_message.ts";
import { procedures } from "./sqlite_procedures.ts";
import { SqliteThread } from "./sqlite_thread.ts";

type Procedure = (db: SqliteThread, ...args: never[]) => unknown;

/** The thread of one connection: opens its file on the call `open`, answers calls one after another, ends by itself after `close`. */
class Server {
  readonly #port: MessagePort;
  readonly #file: SqliteFile;
  readonly #loaded = new Map<string, Record<string, unknown>>();
  #db: SqliteThread | null = null;
  #tail: Promise<void> = Promise.resolve();

  constructor(port: MessagePort, file: SqliteFile) {
    this.#port = port;
    this.#file = file;
    port.on("message", (call: CallMessage) => {
      this.#tail = this.#tail.then(() => this.#answer(call));
    });
  }

  async #answer(call: CallMessage): Promise<void> {
    let answer: AnswerMessage;
    let transfer: Handover<unknown>["transfer"] = [];
    try {
      const result = await this.#perform(call);
      answer = { id: call.id, result: result instanceof Handover ? result.value : result };
      if (result instanceof Handover) transfer = result.transfer;
    } catch (error) {
      answer = { id: call.id, error: storeErrorFrom(error, this.#file.path).toJSON() };
    }
    this.#port.postMessage(answer, transfer);
    if (call.module === null && call.name === "close") this.#port.close();
  }

  async #perform(call: CallMessage): Promise<unknown> {
    if (call.module === null && call.name === "open") {
      this.#db ??= new SqliteThread(this.#file);
      return undefined;
    }
    if (call.module === null && call.name === "load") {
      await this.#load(String(call.args[0]));
      return undefined;
    }
    if (call.module === null && call.name === "close") {
      const db = this.#db;
      this.#db = null;
      return db?.close();
    }
    const fn = call.module === null ? builtIn(call.name) : (await this.#load(call.module))[call.name];
    if (typeof fn !== "function" || this.#db === null) {
      throw new TilthError("internal", `expected '${call.name}' to be callable on an open file`);
    }
    return (fn as Procedure)(this.#db, ...(call.args as never[]));
  }

  async #load(url: string): Promise<Record<string, unknown>> {
    const known = this.#loaded.get(url);
    if (known !== undefined) return known;
    const loaded = (await import(url)) as Record<string, unknown>;
    this.#loaded.set(url, loaded);
    return loaded;
  }
}

function builtIn(name: string): unknown {
  return Object.hasOwn(procedures, name) ? procedures[name as keyof typeof procedures] : undefined;
}

if (parentPort !== null) new Server(parentPort, workerData as SqliteFile);
