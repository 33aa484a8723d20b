// Serves the provider on PORT, with WEB_CONCURRENCY processes.
import cluster from "node:cluster";

import { makeProvider } from "./provider.mjs";

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WEB_CONCURRENCY); worker += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1));
  process.on("SIGTERM", () => process.exit(0));
} else {
  const { PORT } = process.env;
  makeProvider(`http://127.0.0.1:${PORT}`).listen(Number(PORT), "127.0.0.1");
}
