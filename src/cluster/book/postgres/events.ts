import type { PostgresDatabase, PostgresTransaction } from "../../../postgres/index.ts";
import type { ClusterEvent } from "../cluster_book.ts";

const CHANNEL = "tilth_cluster";

/** Heard by every worker when the transaction is committed. */
export async function tellAll(transaction: PostgresTransaction, { kind, seedId }: ClusterEvent): Promise<void> {
  await transaction.query("SELECT pg_notify($1, $2)", [CHANNEL, `${kind} ${seedId}`]);
}

/** Calls back for each event, and with null when some may have been lost. */
export async function listenToAll(
  database: PostgresDatabase,
  onEvent: (event: ClusterEvent | null) => void,
): Promise<AsyncDisposable> {
  const onNotification = (payload: string): void => {
    const [kind, seedId] = payload.split(" ");
    if ((kind === "work" || kind === "state") && seedId !== undefined) onEvent({ kind, seedId });
  };
  return database.listen(CHANNEL, onNotification, { onGap: () => onEvent(null) });
}
