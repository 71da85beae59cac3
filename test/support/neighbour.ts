import { createServer } from "node:http";

/**
 * A server in a container beside the program: it answers as SearXNG, Chroma and a homeserver do, on every port that
 * tools may ask at all, and counts who connects.
 */
let connections = 0;
for (const port of [80, 8000, 8080]) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://neighbour");
    const to = searchParams.get("to");
    if (to) return void response.writeHead(302, { location: to }).end();
    const answers: Record<string, unknown> = {
      "/connections": connections,
      "/search": { results: [{ title: "Found", url: "https://example.com/", content: "" }] },
      "/api/v2/heartbeat": { "nanosecond heartbeat": 1 },
      "/_matrix/client/versions": { versions: ["v1.11"] },
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[pathname] ?? "canary"));
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(port, "::", () => console.log(`listening on ${port}`));
}
