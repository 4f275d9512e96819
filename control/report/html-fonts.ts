// The page carries its type, so that it looks the same without a network and its column widths hold.
import { readFileSync } from "node:fs";

const FACES = [
  {
    family: "Plex Cond",
    weight: 400,
    file: import.meta.resolve(
      "@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-400-normal.woff2",
    ),
  },
  {
    family: "Plex Cond",
    weight: 500,
    file: import.meta.resolve(
      "@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-500-normal.woff2",
    ),
  },
  {
    family: "Plex Cond",
    weight: 600,
    file: import.meta.resolve(
      "@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-600-normal.woff2",
    ),
  },
  {
    family: "Plex Mono",
    weight: 400,
    file: import.meta.resolve("@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2"),
  },
];

/** `@font-face` rules with the files in them, about 100 KB. */
export const fontFaces = (): string =>
  FACES.map(({ family, weight, file }) => {
    const data = readFileSync(new URL(file)).toString("base64");
    return `@font-face{font-family:"${family}";font-weight:${weight};src:url(data:font/woff2;base64,${data}) format("woff2")}`;
  }).join("\n");
