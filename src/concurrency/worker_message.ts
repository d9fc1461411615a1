import { errorFromJson, isTilthError, messageOf, TilthError } from "../core/index.ts";

/** What a thread is told at its start. */
export interface WorkerSettings {
  /** Whether the program keeps compiled code between runs. */
  compileCache: boolean;
}

/** To the thread: one call at a time; `id` pairs the answer with it. */
export interface CallMessage {
  id: number;
  module: string;
  name: string;
  args: unknown[];
}

/** An error as it crosses the border: classes do not survive structured clone. */
export interface ErrorMessage {
  name: string;
  message: string;
  stack?: string;
  /** What `TilthError.toJSON` gives; absent for any other error. */
  tilth?: Parameters<typeof errorFromJson>[0];
}

/** From the thread: `ready` once, then one answer for each call. */
export type ThreadMessage =
  | { ready: true }
  | { ready?: false; id: number; success: true; result: unknown }
  | { ready?: false; id: number; success: false; error: ErrorMessage };

export function errorToMessage(thrown: unknown): ErrorMessage {
  if (isTilthError(thrown)) {
    const { code, message, fields, cause } = thrown;
    return {
      name: thrown.name,
      message,
      tilth: { code, message, fields: cloneable(fields), cause: cause === undefined ? undefined : messageOf(cause) },
    };
  }
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message, stack: thrown.stack };
  return { name: "Error", message: messageOf(thrown) };
}

/** A TilthError comes back with its code; anything else is the cause of a 'task.failed'. */
export function errorFromMessage(task: { module: string; name: string }, error: ErrorMessage): TilthError {
  if (error.tilth !== undefined) return errorFromJson(error.tilth);
  const cause = new Error(error.message);
  cause.name = error.name;
  if (error.stack !== undefined) cause.stack = error.stack;
  return new TilthError("task.failed", error.message, { cause, fields: { module: task.module, name: task.name } });
}

/** Fields are JSON-safe by contract; a function in them must not turn one error into another at the border. */
function cloneable(fields: TilthError["fields"]): TilthError["fields"] {
  return JSON.parse(JSON.stringify(fields ?? {})) as TilthError["fields"];
}
