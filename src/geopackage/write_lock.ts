import { rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { TilthError } from "../core/index.ts";
import { storeErrorFrom } from "./sqlite_errors.ts";

/** How often a lock file may vanish under us (its owner closing) before we say that it is taken. */
const MAX_VANISHED = 20;

/**
 * The right to write one file, held as an exclusive lock on a sibling `<path>.lock`. The operating system drops it when
 * the process ends in any way, so a crash leaves no lock behind, only an empty file that the next writer takes over.
 */
export class WriteLock {
  readonly #db: DatabaseSync;
  readonly #lockPath: string;

  private constructor(db: DatabaseSync, lockPath: string) {
    this.#db = db;
    this.#lockPath = lockPath;
  }

  /** Does not wait. @throws `store.locked`, `store.readOnly` */
  static acquire(path: string): WriteLock {
    const lockPath = `${path}.lock`;
    for (let attempt = 0; attempt < MAX_VANISHED; attempt += 1) {
      // Before it is opened: only if the same file stands there before and after is it the one that was opened. An owner that closes removes it, and the next one
      // makes another; asked for behind the opening, that one's would be taken for the one that is gone, and two would write.
      const identity = identityOf(lockPath);
      const db = lockExclusively(lockPath, path);
      // Who has just made it looks again.
      if (identity !== null && identityOf(lockPath) === identity) return new WriteLock(db, lockPath);
      db.close();
    }
    throw lockedBy(path, lockPath);
  }

  release(): void {
    // Removed while it is still held, so that nobody can be waiting on a file that we are about to delete unseen.
    if (process.platform !== "win32") rmSync(this.#lockPath, { force: true });
    this.#db.close();
    if (process.platform === "win32") removeIfUnused(this.#lockPath);
  }
}

function lockExclusively(lockPath: string, path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockPath, { timeout: 0 });
    // No journal beside it.
    db.exec("PRAGMA journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db?.close();
    const known = storeErrorFrom(error, path);
    throw known.code === "store.locked" ? lockedBy(path, lockPath) : known;
  }
}

/** `stat` only: opening and closing the file ourselves would drop the locks that SQLite holds on it in this process (POSIX). */
function identityOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
}

function removeIfUnused(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // Windows refuses to remove a file that the next writer has opened: then it is theirs to remove.
    if (!(error instanceof Error && "code" in error && (error.code === "EBUSY" || error.code === "EPERM"))) throw error;
  }
}

function lockedBy(path: string, lockPath: string): TilthError {
  const message = `${path} is being written by another process (it holds ${lockPath}); wait for it to end or stop it`;
  return new TilthError("store.locked", message, { fields: { path, lockPath } });
}
