import { deflateSync } from "node:zlib";

/** A PDF with one line of plain letters on each page. */
export function simplePdf(pages: string[]): Buffer {
  return pdfOf(pages.map((text) => ({ stream: `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`, filter: "" })));
}

/** A PDF of one page, whose commands are packed twice: a few kilobytes hold hundreds of megabytes. */
export function packedPdf(commands: string | Uint8Array): Buffer {
  const stream = deflateSync(deflateSync(commands)).toString("latin1");
  return pdfOf([{ stream, filter: "/Filter [/FlateDecode /FlateDecode]" }]);
}

function pdfOf(pages: { stream: string; filter: string }[]): Buffer {
  const pageNumber = (index: number) => 4 + index * 2;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${pageNumber(index)} 0 R`).join(" ")}] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap(({ stream, filter }, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${pageNumber(index) + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${stream.length} ${filter} >>\nstream\n${stream}\nendstream`,
    ]),
  ];

  let body = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + table + end, "latin1");
}
