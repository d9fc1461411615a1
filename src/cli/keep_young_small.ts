import { setFlagsFromString } from "node:v8";

/**
 * Tells the engine that the young generations of this process stay as small as they begin, 1 MB twice in each thread. They grow with all that has ever survived in them, the
 * main thread's up to 134 MB in a minute's import, although nothing but what is under way lives there: 510 MB instead of 400 in all, and CPU and time are the same (400 copies of
 * Monaco; of 20 copies 206 MB instead of 187, and 1 % less CPU). Threads of imports are held by their own limits until then. Only a
 * program may decide this, never a library.
 */
export function keepYoungSmall(setFlag: (flag: string) => void = setFlagsFromString): void {
  setFlag("--semi-space-growth-factor=1");
}
