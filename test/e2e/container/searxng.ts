import { createServer } from "node:http";

/** Answers as SearXNG does with `format=json`, with one result. */
createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://searxng");
  if (searchParams.get("format") !== "json") return void response.writeHead(200).end("<html></html>");
  const results = [{ title: "Otters", url: "https://example.com/otters", content: "An otter holds hands." }];
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ query: searchParams.get("q"), results, answers: [], unresponsive_engines: [] }));
}).listen(8080);
process.on("SIGTERM", () => process.exit(0));
