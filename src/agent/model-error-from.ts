import { ModelError } from "../model-error.ts";
import { failureOf } from "../model-failure.ts";

/**
 * The `ModelError` in whatever a provider's SDK has thrown or streamed. Undefined for what is not the model's fault:
 * a mistake in the program, which must not be tried again.
 */
export function modelErrorFrom(error: unknown): ModelError | undefined {
  const causes = chainOf(error);
  const own = causes.find((cause) => cause instanceof ModelError);
  if (own) return own;

  // A provider that someone has dropped in may bring a fetch of its own.
  for (const cause of causes) {
    const found = fromAnswer(cause) ?? fromStream(cause) ?? fromConnection(cause);
    if (found) return found;
  }
  return undefined;
}

function fromAnswer(error: Fields): ModelError | undefined {
  const status = [error.statusCode, error.status_code, error.status].find((value) => typeof value === "number");
  if (status === undefined) return undefined;
  const headers = isRecord(error.responseHeaders)
    ? new Headers(error.responseHeaders as Record<string, string>)
    : undefined;
  return failureOf({ status, headers, body: error.responseBody ?? error.data ?? error.message });
}

function fromStream(error: Fields): ModelError | undefined {
  if (!(error instanceof Error)) return failureOf({ body: error });
  if (isRecord(error.value) && error.value.error) return failureOf({ body: error.value });
  if (/ended without a finish reason|Did not receive done/.test(error.message)) {
    return new ModelError("cut", "The model's answer broke off before its end. Try again, or choose another model.", {
      cause: error,
    });
  }
  if (/^AI_(TypeValidation|JSONParse|InvalidResponseData|NoContentGenerated)/.test(error.name)) {
    return new ModelError("malformed", "The model's server sent something that cannot be read. Try again.", {
      cause: error,
    });
  }
  return undefined;
}

function fromConnection(error: Fields): ModelError | undefined {
  const code = typeof error.code === "string" ? error.code : "";
  if (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)) {
    return new ModelError("cut", "The connection to the model's server broke off. Try again.", { cause: error });
  }
  if (/^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|UND_ERR)/.test(code)) {
    return new ModelError(
      "unreachable",
      `The model's server cannot be reached (${code}). Check that it is running and that the provider's address is right.`,
      { cause: error },
    );
  }
  return undefined;
}

type Fields = Record<string, unknown> & { message?: string };

/** The error and its causes, outermost first. */
function chainOf(error: unknown, depth = 0): Fields[] {
  if (typeof error === "string") return [{ message: error }];
  if (typeof error !== "object" || error === null || depth > 8) return [];
  return [error as Fields, ...chainOf((error as { cause?: unknown }).cause, depth + 1)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
