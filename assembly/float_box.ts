// Boxes as 32-bit numbers, outwards: what an R-tree has.
import { maxX, maxY, minX, minY } from "./batch_geometry";

/** The box that was measured last: minX, minY, maxX, maxY. */
export function putBox(to: i32): void {
  store<f32>(to, roundDown(minX));
  store<f32>(to + 4, roundDown(minY));
  store<f32>(to + 8, roundUp(maxX));
  store<f32>(to + 12, roundUp(maxY));
}

/** The largest 32-bit number that is not above a value. Exact, and so monotonous: a node's box must hold those of its cells. */
function roundDown(value: f64): f32 {
  const near = <f32>value;
  return <f64>near > value ? step(near, value > 0 ? -1 : 1) : near;
}

function roundUp(value: f64): f32 {
  const near = <f32>value;
  return <f64>near < value ? step(near, value < 0 ? -1 : 1) : near;
}

/** To the neighbour: away from zero by 1, towards it by -1. Zero itself is never rounded to from beyond: coordinates are no smaller than 1e-7. */
function step(value: f32, by: i32): f32 {
  return reinterpret<f32>(reinterpret<i32>(value) + by);
}
