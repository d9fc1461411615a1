import type ImageTile from "ol/ImageTile.js";
import type Tile from "ol/Tile.js";

/** A browser has six connections to a server: one is the line of events, one is for what a person does. */
const MAX_LOADING = 4;

let loading = 0;
/** At most the tiles that OpenLayers has in hand. */
const waiting: (() => void)[] = [];

/** Loads a tile that may have to come from a source, which takes as long as that takes: a few at a time. Tiles that are there need no turn. */
export function loadInTurn(tile: Tile, url: string): void {
  const image = (tile as ImageTile).getImage() as HTMLImageElement;
  const start = (): void => {
    loading += 1;
    const heard = new AbortController();
    const end = (): void => {
      heard.abort();
      loading -= 1;
      waiting.shift()?.();
    };
    for (const event of ["load", "error"]) image.addEventListener(event, end, { signal: heard.signal });
    image.src = url;
  };
  if (loading < MAX_LOADING) start();
  else waiting.push(start);
}
