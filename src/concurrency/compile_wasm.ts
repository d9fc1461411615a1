import { setFlagsFromString } from "node:v8";

/**
 * Straight to the optimizing compiler: the first compiler's code is 3 to 4 times slower, and each thread would run it until it had counted
 * enough loops. A module may be handed to other threads.
 */
export function compileWasm(base64: string): WebAssembly.Module {
  // Not lazily either: what compiles at its first call does so after the flags are back.
  setFlagsFromString("--no-liftoff");
  setFlagsFromString("--no-wasm-lazy-compilation");
  try {
    return new WebAssembly.Module(Buffer.from(base64, "base64"));
  } finally {
    setFlagsFromString("--wasm-lazy-compilation");
    setFlagsFromString("--liftoff");
  }
}
