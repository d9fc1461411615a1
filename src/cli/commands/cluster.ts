import { Option, type Command } from "commander";
import type { ExportArguments } from "../cluster/run_export.ts";
import type { ImportArguments } from "../cluster/run_import.ts";
import type { JobsArguments, ShowArguments } from "../cluster/run_jobs.ts";
import type { WorkerArguments } from "../cluster/run_worker.ts";
import type { GlobalOptions } from "../terminal.ts";

const clusterOption = (): Option =>
  new Option("--cluster <url>", "postgres://USER@HOST/DATABASE where the books are").env("TILTH_CLUSTER");

export function addClusterCommands(program: Command): void {
  addWorker(program);
  addJobs(program);
  addCopies(program);
}

function addWorker(program: Command): void {
  program
    .command("worker")
    .description("work on the seeds of a cluster until stopped; any number of machines may")
    .addOption(clusterOption())
    .option("--name <name>", "unique name in progress and metrics (default: host, process and chance)")
    .option(
      "--concurrency <n>",
      "requests at a time to a host from this machine (default: what each seed allows)",
      Number,
    )
    .option("--blocks <n>", "portions of seeds at a time", Number, 2)
    .addHelpText("after", "\nExample:\n  tilth worker --cluster postgres://tilth@db.example.org/maps")
    .action(async (_options: unknown, command: Command) => {
      const { runWorker } = await import("../cluster/run_worker.ts");
      process.exitCode = await runWorker(command.optsWithGlobals<WorkerArguments & GlobalOptions>());
    });
}

const STATES = [
  ["pause", "paused", "stop working on a seed; what is fetched is kept"],
  ["resume", "running", "go on with a paused seed"],
  ["cancel", "cancelled", "end a seed; what is fetched is kept, and the same seed command goes on from there"],
] as const;

function addJobs(program: Command): void {
  const jobs = program.command("jobs").description("watch and steer the seeds of a cluster");
  jobs
    .command("list")
    .description("all seeds, newest first")
    .addOption(clusterOption())
    .action(async (_options: unknown, command: Command) => {
      const { runJobsList } = await import("../cluster/run_jobs.ts");
      process.exitCode = await runJobsList(command.optsWithGlobals<JobsArguments>());
    });
  jobs
    .command("show")
    .description("one seed: outcomes, workers, blocks that failed too often")
    .argument("<id>", "of the seed")
    .addOption(clusterOption())
    .option("--watch", "a line every two seconds until it is over")
    .option("--failed <file>", "write failed tiles there, as JSON lines")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { runJobsShow } = await import("../cluster/run_jobs.ts");
      process.exitCode = await runJobsShow(id, command.optsWithGlobals<ShowArguments>());
    });
  for (const [name, state, description] of STATES)
    jobs
      .command(name)
      .description(description)
      .argument("<id>", "of the seed")
      .addOption(clusterOption())
      .action(async (id: string, _options: unknown, command: Command) => {
        const { runJobsState } = await import("../cluster/run_jobs.ts");
        process.exitCode = await runJobsState(id, state, command.optsWithGlobals<JobsArguments>());
      });
  jobs
    .command("retry")
    .description("send failed tiles and dead blocks again")
    .argument("<id>", "of the seed")
    .addOption(clusterOption())
    .action(async (id: string, _options: unknown, command: Command) => {
      const { runJobsRetry } = await import("../cluster/run_jobs.ts");
      process.exitCode = await runJobsRetry(id, command.optsWithGlobals<JobsArguments>());
    });
  for (const command of jobs.commands) command.exitOverride();
}

function addCopies(program: Command): void {
  program
    .command("export")
    .description("bring the tiles of a cluster's seed home into one file, also while it runs")
    .addOption(clusterOption())
    .requiredOption("--seed <id>", "which seed")
    .requiredOption("-o, --out <file>", ".gpkg, .mbtiles or a folder; what is there already is not copied again")
    .addHelpText(
      "after",
      "\nExample:\n  tilth export --cluster postgres://tilth@db.example.org/maps --seed 0f3a52c19b6d7e84 --out alps.gpkg",
    )
    .action(async (_options: unknown, command: Command) => {
      const { runExport } = await import("../cluster/run_export.ts");
      process.exitCode = await runExport(command.optsWithGlobals<ExportArguments & GlobalOptions>());
    });
  program
    .command("import")
    .description("bring a file's tiles into a cache of the database")
    .argument("<file>", ".gpkg, .mbtiles or a folder")
    .addOption(clusterOption())
    .option("--layer <name>", "tile table of the file, where there are several")
    .addHelpText(
      "after",
      "\nExample:\n  tilth import alps.gpkg --cluster 'postgres://tilth@db.example.org/maps?layer=alps'",
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runImport } = await import("../cluster/run_import.ts");
      process.exitCode = await runImport(file, command.optsWithGlobals<ImportArguments & GlobalOptions>());
    });
}
