import { CancelledError } from "../core/index.ts";
import { EXIT } from "./exit_codes.ts";

/**
 * First SIGINT or SIGTERM: the signal aborts, the command keeps what is done and ends by itself. Second: the process ends at once.
 * Its end of life (`using`) gives the signals back.
 */
export function listenForStop(say: (text: string) => void): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const onStop = (name: string): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled);
    say(`${name}: stopping; what is fetched is kept (once more to stop at once)`);
    controller.abort(new CancelledError());
  };
  process.on("SIGINT", onStop);
  process.on("SIGTERM", onStop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onStop);
      process.off("SIGTERM", onStop);
    },
  };
}
