import { EgressError } from "./egress-error.ts";

const reasons: Record<string, string> = {
  ECONNREFUSED: "nothing answers there",
  ECONNRESET: "it ended the connection",
  EPIPE: "it ended the connection",
  UND_ERR_SOCKET: "it ended the connection too early",
  EHOSTUNREACH: "there is no way there",
  ENETUNREACH: "there is no way there",
  ETIMEDOUT: "it did not answer in time",
  ABORT_ERR: "it could not be connected to in time",
  UND_ERR_HEADERS_OVERFLOW: "its headers are too long",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by nobody known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by nobody known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by nobody known",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** What went wrong on the way, as one sentence without path or query. */
export function failureOf(error: unknown, origin: string): EgressError {
  if (error instanceof EgressError) return error;
  const reason = reasonOf(error);
  return new EgressError(`${origin} was asked in vain: ${reason}.`, { cause: error });
}

function reasonOf(error: unknown): string {
  const { code = "", name = "" } = error as { code?: string; name?: string };
  const known = reasons[code];
  if (known) return known;
  if (name === "HTTPParserError" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH")
    return "it does not speak plain HTTP";
  if (/^(?:Z_|ERR_BROTLI|ERR_ZSTD|ZSTD_|ERR__ERROR)/.test(code)) return "its body is damaged";
  if (/^ERR_SSL|^EPROTO/.test(code)) return "there is no safe connection to be had";
  return code ? `the connection failed (${code})` : "the connection failed";
}
