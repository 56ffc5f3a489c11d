// Uploads a file with tus-js-client, whose connection breaks where it is told to: `tus.mjs ENDPOINT TOKEN FILE BREAK`.
// Prints each request, and where the upload is in the end.
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { Upload } from "tus-js-client";

const [endpoint, token, path, breaks] = process.argv.slice(2);
let isBroken = false;

const upload = new Upload(createReadStream(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: basename(path), filetype: "image/jpeg", visibility: "public" },
  chunkSize: 50_000,
  retryDelays: [0, 100],
  onAfterResponse: (request, response) => console.log(request.getMethod(), response.getStatus()),
  onChunkComplete: (_, sent) => {
    if (isBroken || sent < Number(breaks)) return;
    isBroken = true;
    // As a person does who pauses.
    void upload.abort().then(() => upload.start());
  },
  onSuccess: () => console.log(upload.url),
  onError: (error) => {
    console.log(String(error));
    process.exitCode = 1;
  },
});
upload.start();
