// Bundles a browser program into a file. Arguments: the file, the program (browser.js).
import { buildSync } from "esbuild";

const [outfile, program = "browser.js"] = process.argv.slice(2);
buildSync({ entryPoints: [program], bundle: true, outfile, logLevel: "error" });
