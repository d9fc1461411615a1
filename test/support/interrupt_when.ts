import type { ChildProcess } from "node:child_process";

/** For `runTilth`: one SIGINT as soon as it is time, asked every 5 ms. A second signal would end the process where it stands. */
export function interruptWhen(isTime: () => boolean): (child: ChildProcess) => void {
  return (child) => {
    const look = setInterval(() => {
      if (!isTime()) return;
      clearInterval(look);
      child.kill("SIGINT");
    }, 5);
    child.once("close", () => clearInterval(look));
  };
}
