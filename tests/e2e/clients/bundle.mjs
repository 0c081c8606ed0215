// Bundles the browser program into the file named by the argument.
import { buildSync } from "esbuild";

buildSync({ entryPoints: ["browser.js"], bundle: true, outfile: process.argv[2], logLevel: "error" });
