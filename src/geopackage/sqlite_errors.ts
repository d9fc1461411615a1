import { isTilthError, messageOf, TilthError, type ErrorCode } from "../core/index.ts";

interface Explanation {
  code: ErrorCode;
  say: (path: string, reason: string) => string;
}

const locked: Explanation = {
  code: "store.locked",
  say: (path) => `expected to be the only writer of ${path}, but another program holds it; wait for it or close it`,
};
const readOnly: Explanation = {
  code: "store.readOnly",
  say: (path, reason) =>
    `expected to be able to write ${path}, got '${reason}'; check the permissions of the file and of its folder`,
};
const full: Explanation = {
  code: "store.full",
  say: (path) => `no space is left for ${path}; make room and try again (what was committed is kept)`,
};

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const BY_PRIMARY_CODE: Readonly<Record<number, Explanation>> = {
  3: readOnly,
  5: locked,
  6: locked,
  8: readOnly,
  11: { code: "store.corrupt", say: (path, reason) => `${path} is damaged (${reason}); restore it or seed it again` },
  13: full,
  14: {
    code: "store.readOnly",
    say: (path) => `expected a file that can be opened at ${path}; check that its folder is there and can be written`,
  },
  26: { code: "store.format", say: (path) => `expected an SQLite file, got something else in ${path}` },
};

/** SQLITE_IOERR_SHMSIZE: the shared memory file of the WAL could not grow, which a full disk causes. */
const IOERR_SHMSIZE = 10 | (19 << 8);

function explanationOf(error: unknown): Explanation | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") {
    return error.errcode === IOERR_SHMSIZE ? full : BY_PRIMARY_CODE[error.errcode & 0xff];
  }
  if (!("code" in error)) return undefined;
  if (error.code === "ENOSPC" || error.code === "EDQUOT") return full;
  return error.code === "EACCES" || error.code === "EROFS" || error.code === "EPERM" ? readOnly : undefined;
}

/** What an error of SQLite or of the file system means for the file at `path`; TilthErrors pass as they are. */
export function storeErrorFrom(error: unknown, path: string): TilthError {
  if (isTilthError(error)) return error;
  const reason = messageOf(error);
  const { code, say } = explanationOf(error) ?? {
    code: "store.io" as const,
    say: (): string => `could not use ${path}: ${reason}`,
  };
  return new TilthError(code, say(path, reason), { fields: { path, reason }, cause: error });
}
