import { describe, expect, it } from "vitest";
import { EgressError } from "../../src/egress/egress-error.ts";
import { failureOf } from "../../src/egress/failure.ts";

const origin = "https://a.example.com";
const withCode = (code: string) => Object.assign(new Error("secret path"), { code });

describe("what went wrong on the way", () => {
  it.each([
    ["ECONNREFUSED", "nothing answers there"],
    ["ECONNRESET", "it ended the connection"],
    ["EPIPE", "it ended the connection"],
    ["UND_ERR_SOCKET", "it ended the connection too early"],
    ["EHOSTUNREACH", "there is no way there"],
    ["ENETUNREACH", "there is no way there"],
    ["ETIMEDOUT", "it did not answer in time"],
    ["ABORT_ERR", "it could not be connected to in time"],
    ["UND_ERR_HEADERS_OVERFLOW", "its headers are too long"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is signed by itself"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is signed by nobody known"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate is signed by nobody known"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its certificate is signed by nobody known"],
    ["CERT_HAS_EXPIRED", "its certificate has expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
    ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "it does not speak plain HTTP"],
    ["Z_DATA_ERROR", "its body is damaged"],
    ["ERR_BROTLI_DECODER", "its body is damaged"],
    ["ZSTD_error_corruption", "its body is damaged"],
    ["ERR_SSL_WRONG_VERSION", "there is no safe connection to be had"],
    ["EPROTO", "there is no safe connection to be had"],
    ["EWHATEVER", "the connection failed (EWHATEVER)"],
    ["NOT_ERR_SSL_OR_Z_OR_EPROTO", "the connection failed (NOT_ERR_SSL_OR_Z_OR_EPROTO)"],
  ])("%s: %s, told without the system's own words", (code, reason) => {
    const cause = withCode(code);
    const failure = failureOf(cause, origin);
    expect(failure).toMatchObject({ message: `${origin} was asked in vain: ${reason}.`, cause });
    expect(failure).toBeInstanceOf(EgressError);
  });

  it("is told also where nothing says what it was", () => {
    expect(failureOf(new Error("x"), origin).message).toBe(`${origin} was asked in vain: the connection failed.`);
    const parser = Object.assign(new Error("x"), { name: "HTTPParserError" });
    expect(failureOf(parser, origin).message).toBe(`${origin} was asked in vain: it does not speak plain HTTP.`);
  });

  it("stays as it is when it is told already", () => {
    const told = new EgressError("Told.");
    expect(failureOf(told, origin)).toBe(told);
  });
});
