#!/usr/bin/env node
// Plain old JavaScript: it must run on any Node to say which one is needed.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "tilth needs Node 24 or newer; this is Node " +
      process.versions.node +
      ". Install it from your package manager or nodejs.org.\n",
  );
  process.exitCode = 1;
} else {
  // Compiled code is kept between runs: loading takes 100 ms instead of 200.
  void import("node:module").then((module) => {
    module.enableCompileCache();
    return import("../dist/cli/main.js");
  });
}
