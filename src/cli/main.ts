import { startAhead } from "./start_ahead.ts";

startAhead(process.argv);
const { runProgram } = await import("./run_program.ts");
await runProgram(process.argv);
