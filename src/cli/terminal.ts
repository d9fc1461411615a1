import type { Logger } from "../core/index.ts";

export interface GlobalOptions {
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** Where a command's words go: people read stderr, programs read the one JSON line on stdout. */
export class Terminal {
  readonly options: GlobalOptions;

  constructor(options: GlobalOptions) {
    this.options = options;
  }

  /** For people; silent with --quiet. */
  say(text: string): void {
    if (this.options.quiet !== true) process.stderr.write(`${text}\n`);
  }

  /** The command's answer: text for people on stdout, or with --json one JSON line there. */
  answer(json: unknown, text: string): void {
    process.stdout.write(this.options.json === true ? `${JSON.stringify(json)}\n` : `${text}\n`);
  }

  get logger(): Logger {
    const write = (level: string, event: string, fields?: object): void => {
      if (level !== "debug" || this.options.verbose === true)
        this.say(`${level} ${event}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}`);
    };
    return {
      debug: (event, fields) => write("debug", event, fields),
      info: (event, fields) => write("debug", event, fields),
      warn: (event, fields) => write("warn", event, fields),
      error: (event, fields) => write("error", event, fields),
    };
  }
}
