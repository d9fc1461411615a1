import type { Job } from "./job_types.ts";

/** What the server tells without being asked. `reset`: the watcher was away too long, lists must be read anew. */
export type ServerEvent =
  | { kind: "job"; job: Job }
  | { kind: "removed"; id: string }
  | { kind: "reset" }
  | { kind: "caches" };

/** The part of `EventSource` that is used. */
export interface EventLine {
  addEventListener(name: string, listener: (event: { data?: string }) => void): void;
  readonly readyState: number;
  close(): void;
}

export interface EventStreamOptions {
  onEvent: (event: ServerEvent) => void;
  onLine: (up: boolean) => void;
  /** The line was refused: a token may be wanted. It is tried again. */
  onRefused: () => void;
  /** @default an EventSource of the browser */
  open?: () => EventLine;
}

const CLOSED = 2;
/** The browser gives up after an answer that is no success; then it is tried again after this, ms. */
const AGAIN_MS = 3_000;

/** Watches `/api/events`. A broken line is taken up again by the browser, with the last id that it saw. @returns what ends it */
export function watchEvents(options: EventStreamOptions): () => void {
  const { onEvent, onLine, onRefused, open = (): EventLine => new EventSource("api/events") } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let line = connect();

  function connect(): EventLine {
    const source = open();
    source.addEventListener("open", () => onLine(true));
    source.addEventListener("error", () => {
      onLine(false);
      if (source.readyState !== CLOSED) return;
      onRefused();
      clearTimeout(timer);
      timer = setTimeout(() => (line = connect()), AGAIN_MS);
    });
    for (const name of ["job", "removed", "reset", "caches"])
      source.addEventListener(name, ({ data }) => {
        const event = readEvent(name, data);
        if (event !== null) onEvent(event);
      });
    return source;
  }

  return () => {
    clearTimeout(timer);
    line.close();
  };
}

/** Null for a line that says nothing. */
export function readEvent(name: string, data: string | undefined): ServerEvent | null {
  if (name === "reset" || name === "caches") return { kind: name };
  try {
    const body = JSON.parse(data ?? "") as { id?: unknown };
    if (typeof body?.id !== "string") return null;
    return name === "job" ? { kind: "job", job: body as Job } : { kind: "removed", id: body.id };
  } catch {
    return null;
  }
}
