// What a host starts for an unpacked bundle, worked out by the bundles' own library: `config.mjs FOLDER < settings`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getMcpConfigForManifest } from "@anthropic-ai/mcpb";

const [folder] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
const userConfig = JSON.parse(readFileSync(0, "utf8"));
const config = await getMcpConfigForManifest({
  manifest,
  extensionPath: folder,
  systemDirs: {},
  userConfig,
  pathSeparator: "/",
});
process.stdout.write(JSON.stringify(config));
