import { messageOf } from "../errors.ts";
import { ModelError } from "../model-error.ts";
import { failureOf, oneLine } from "../model-failure.ts";

/** The `ModelError` for whatever a provider's SDK has thrown or streamed. */
export function modelErrorFrom(error: unknown): ModelError {
  const causes = chainOf(error);
  const own = causes.find((cause) => cause instanceof ModelError);
  if (own) return own;

  // A provider that someone has dropped in may bring a fetch of its own.
  for (const cause of causes) {
    const found = fromAnswer(cause) ?? fromStream(cause) ?? fromConnection(cause);
    if (found) return found;
  }
  if (
    causes.some(({ name }) =>
      /^AI_(Invalid(Prompt|Argument|MessageRole)|MessageConversion|Unsupported)/.test(`${name}`),
    )
  ) {
    const message = `This model cannot be asked like that (${oneLine(messageOf(error))}). Start anew with /clear or choose another model.`;
    return new ModelError("bad-request", message, { cause: error });
  }
  // The SDKs stumble over what they did not expect in an answer.
  return new ModelError("malformed", "The model's server sent something that cannot be read. Try again.", {
    cause: error,
  });
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
