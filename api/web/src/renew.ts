import type { Map as MapView, VectorSourceSpecification } from "maplibre-gl";
import type { Change } from "./live";

/** The layers in the tiles of each source of the map, by its address. */
function layersOf(map: MapView): [string, string[]][] {
  return Object.entries(map.getStyle().sources).flatMap(([id, source]): [string, string[]][] => {
    const layers = /\/tiles\/([^/]+)\//.exec((source as VectorSourceSpecification).tiles?.[0] ?? "")?.[1];
    return layers ? [[id, decodeURIComponent(layers).split(",")]] : [];
  });
}

/** How many zooms past its own a map may still hold tiles of, in the place of those that load. */
const deeper = 2;

/** The tiles of a zoom that lie in view, with one more on each side. */
function inView(map: MapView, z: number): [number, number, number, number] {
  const b = map.getBounds();
  const n = 2 ** z;
  const x = (lon: number) => Math.floor((lon / 360 + 0.5) * n);
  const y = (lat: number) => Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * n);
  return [x(b.getWest()) - 1, y(b.getNorth()) - 1, x(b.getEast()) + 1, y(b.getSouth()) + 1];
}

/** Asks again for just the tiles that changed (null: for all); those that are shown stay until then. */
export function renew(map: MapView, changes: Change[] | null): void {
  const last = Math.floor(map.getZoom()) + deeper;
  for (const [id, layers] of layersOf(map)) {
    if (!map.getSource(id)) continue;
    if (!changes || changes.some((c) => c.all || layers.some((l) => c.tiles?.[l]?.all))) {
      map.refreshTiles(id);
      continue;
    }
    const tiles = new Map<string, { x: number; y: number; z: number }>();
    for (const c of changes)
      for (const l of layers)
        for (const [zoom, ranges] of Object.entries(c.tiles?.[l]?.zooms ?? {})) {
          const z = Number(zoom);
          if (z > last) continue;
          const [west, north, east, south] = inView(map, z);
          for (const r of ranges)
            for (let x = Math.max(r[0], west); x <= Math.min(r[2], east); x++)
              for (let y = Math.max(r[1], north); y <= Math.min(r[3], south); y++) tiles.set(`${z}/${x}/${y}`, { x, y, z });
        }
    if (tiles.size) map.refreshTiles(id, [...tiles.values()]);
  }
}
