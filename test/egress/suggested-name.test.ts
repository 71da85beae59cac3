import { describe, expect, it } from "vitest";
import { suggestedName } from "../../src/egress/suggested-name.ts";

describe("the name that a server gives a file", () => {
  it.each([
    [`attachment; filename="report.pdf"`, "report.pdf"],
    [`attachment; filename=report.pdf`, "report.pdf"],
    [`attachment;filename = report.pdf;size=3`, "report.pdf"],
    [`filename="a b.txt"`, "a b.txt"],
    [`filename*=utf-8''a%20b.txt`, "a b.txt"],
    [`attachment;filename*=utf-8''a%20b.txt`, "a b.txt"],
    [`attachment; FILENAME="a \\"b\\".txt"`, 'a "b".txt'],
    [`attachment; filename="${Buffer.from("ä.txt").toString("latin1")}"`, "ä.txt"],
    [`attachment; filename="x.txt"; filename*=UTF-8''%e2%82%ac%20rates.txt`, "€ rates.txt"],
    [`attachment; filename*=utf-8'de'na%C3%AFve.txt; filename=x.txt`, "naïve.txt"],
    [`attachment; filename* = ISO-8859-1''%A3.txt`, "£.txt"],
  ])("%s is %j", (header, name) => {
    expect(suggestedName(header)).toBe(name);
  });

  it.each([
    ...["", "attachment", "inline; name=x", `attachment; filename=""`, "attachment; myfilename=x"],
    ...["attachment; filename*=utf-8''%ff.txt", "attachment; myfilename*=utf-8''x"],
  ])("%s has none", (header) => {
    expect(suggestedName(header)).toBeUndefined();
  });
});
