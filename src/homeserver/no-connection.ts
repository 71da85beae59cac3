import { ConfigError, messageOf } from "../errors.ts";

/** Why there is no connection to `origin`, and what to do. `error` is what `fetch` threw. */
export function noConnection(origin: string, error: unknown): ConfigError {
  const causes = chain(error);
  const code = causes.map(codeOf).find((found) => found !== undefined);
  const reason = code === undefined ? undefined : reasons[code];
  const certificate = code === undefined ? undefined : certificateFaults[code];

  if (certificate) {
    return new ConfigError(
      `The certificate of ${origin} is not accepted: ${certificate}. Mend it there; for an authority of your own, start with NODE_EXTRA_CA_CERTS set to its certificate's file.`,
      { cause: error },
    );
  }
  if (code !== undefined && noTls.has(code)) {
    return new ConfigError(
      `${origin} does not speak TLS: if it is on your own network, its address begins with http://`,
      {
        cause: error,
      },
    );
  }
  return new ConfigError(
    `The homeserver at ${origin} cannot be reached (${reason ?? messageOf(causes.at(-1))}). Check that it runs, and that the address is right.`,
    { cause: error },
  );
}

const reasons: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection broke off",
  UND_ERR_SOCKET: "the connection broke off",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name could not be looked up",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  ETIMEDOUT: "no answer",
  UND_ERR_CONNECT_TIMEOUT: "no answer",
};

const certificateFaults: Record<string, string> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet, or this machine's clock is wrong",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "it comes from an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server does not send the certificates between its own and the authority's",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "it comes from an authority that is not known here",
  ERR_TLS_CERT_ALTNAME_INVALID: "it was made for another name",
};

const noTls = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "EPROTO"]);

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

function chain(error: unknown): Error[] {
  if (error instanceof AggregateError) return [error, ...error.errors.slice(0, 1).flatMap(chain)];
  return error instanceof Error ? [error, ...chain(error.cause)] : [];
}
