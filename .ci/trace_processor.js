// The trace processor of Perfetto's page on standard input and output: what
// the page would post to its engine goes in, what the engine posts comes out.
//
// Usage: node trace_processor.js FOLDER, that of the page's engine_bundle.js
"use strict";
const fs = require("fs");
const path = require("path");

const folder = process.argv[2];
const read = (name) => fs.readFileSync(path.join(folder, path.basename(name)));
const aside = (...words) => process.stderr.write(`${words.join(" ")}\n`);

class Request {
    open(_, url) { this.url = url; }
    send() { this.response = new Uint8Array(read(this.url)).buffer; }
}

// What the bundle finds in a browser's worker, and nothing of Node.
const worker = { location: { href: "file:///engine_bundle.js" } };
const found = {
    self: worker,
    WorkerGlobalScope: Object,
    XMLHttpRequest: Request,
    console: { log: aside, warn: aside, error: aside },
    fetch: undefined,
    process: undefined,
};
const bundle = read("engine_bundle.js").toString();
new Function(...Object.keys(found), bundle)(...Object.values(found));

const port = { postMessage: (bytes) => process.stdout.write(bytes) };
worker.onmessage({ data: port });

// It can be asked when what waits for it to be there has had its turn.
setImmediate(() => process.stdin.on("data", (bytes) => {
    port.onmessage({ data: new Uint8Array(bytes) });
}));
