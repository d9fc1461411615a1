import { useEffect, useRef, useState } from "preact/hooks";
import type { Seed, SeedAction } from "../api/cluster_types.ts";
import type { App } from "./app.ts";
import { putSeed } from "./seed_list.ts";

/** Between an answer and the next question, ms. */
const EVERY_MS = 2_000;

export interface WatchedSeeds {
  /** Null before the first answer. */
  readonly seeds: readonly Seed[] | null;
  /** Why the list is not up to date, for people. */
  readonly fault: string;
  readonly act: (id: string, action: SeedAction) => Promise<void>;
}

/** The seeds of the cluster, read again and again for as long as the component is there and somebody can see it. */
export function useSeeds(app: App): WatchedSeeds {
  const [seeds, setSeeds] = useState<readonly Seed[] | null>(null);
  const [fault, setFault] = useState("");
  /** Actions so far: an answer from before the last one is out of date. */
  const actions = useRef(0);
  useEffect(() => {
    const read = async (): Promise<void> => {
      const { needsToken, panelOpen } = app.state;
      if (document.visibilityState !== "visible" || needsToken.value || !panelOpen.value) return;
      const before = actions.current;
      const list = await app.api.seeds();
      if (before !== actions.current) return;
      setSeeds(list);
      setFault("");
    };
    return repeat(read, (error) => setFault(error instanceof Error ? error.message : String(error)));
  }, [app]);
  const act = (id: string, action: SeedAction): Promise<void> =>
    app.act(async () => {
      actions.current += 1;
      const seed = await app.api.actOnSeed(id, action);
      actions.current += 1;
      setSeeds((list) => list && putSeed(list, seed));
    });
  return { seeds, fault, act };
}

/** One after the other: while the database is away an answer takes longer than the pause between two. @returns what ends it */
function repeat(run: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const turn = async (): Promise<void> => {
    await run().catch((error: unknown) => (ended ? undefined : onError(error)));
    if (!ended) timer = setTimeout(() => void turn(), EVERY_MS);
  };
  void turn();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
