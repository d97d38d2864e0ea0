import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  worker: { format: "es" },
  build: { outDir: "dist/site", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1500 },
  // `npx vite` develops the page against a server that runs beside it.
  server: { proxy: { "^/(tiles|styles|api|openapi)": "http://127.0.0.1:8080" } },
});
