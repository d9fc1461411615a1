/** Projections whose arithmetic agrees with PROJ within a millimetre, by PROJ's word. Robinson is not: proj4 interpolates it otherwise (0.45 m). */
export const COMPUTED_METHODS: ReadonlySet<string> = new Set(
  (
    "tmerc lcc aea cass stere sterea laea merc cea eqc poly omerc somerc krovak nzmg eqdc aeqd " +
    "mill sinu moll eck6 eqearth gnom ortho vandg bonne col_urban"
  ).split(" "),
);
