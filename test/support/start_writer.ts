import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process that writes batches until it is killed, and prints the number of each once it is written. */
export interface WriterProcess {
  process: ChildProcess;
  exited: Promise<unknown>;
  /** Last batch that it has told of. */
  committed(): number;
}

/** Resolves once the process has written its first batch. */
export async function startWriter(script: URL, location: string): Promise<WriterProcess> {
  const child = spawn(process.execPath, [fileURLToPath(script), location], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let last = -1;
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      last = Number(line);
      resolve();
    });
    child.once("exit", (code) => reject(new Error(`the writer ended with ${String(code)} before its first batch`)));
  });
  return { process: child, exited, committed: () => last };
}
