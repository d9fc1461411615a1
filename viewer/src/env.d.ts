declare module "*.css";

declare module "*.svg" {
  const url: string;
  export default url;
}

declare module "virtual:background-110m" {
  /** See `viewer/background/read_background.ts`. */
  export const background: { scale: number; land: number[][]; borders: number[][] };
}

declare module "virtual:background-50m" {
  export const background: { scale: number; land: number[][]; borders: number[][] };
}
