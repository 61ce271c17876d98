#!/usr/bin/env node
// The entry: checks the Node version, hands over to oclif. It must parse under any Node from 14 on.
import { fileURLToPath } from "node:url";
import { endWithStarter, handOver, isNodeRecent } from "./node-version.js";

if (isNodeRecent()) endWithStarter().then(() => import("./start.js"));
else handOver(fileURLToPath(import.meta.url));
