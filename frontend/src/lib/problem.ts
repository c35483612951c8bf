// RFC 9457: what the API answers when something goes wrong has one shape, and
// so does what goes wrong before it can answer.

const TYPE_PREFIX = "urn:gatelodge:problem:";

interface ProblemBody {
  type?: unknown;
  title?: unknown;
  status?: unknown;
  detail?: unknown;
  field?: unknown;
  request_id?: unknown;
}

export class Problem extends Error {
  /** The name of the situation, such as `invalid-field`; `network` when nothing answered. */
  readonly slug: string;
  /** The HTTP status; 0 when nothing answered. */
  readonly status: number;
  readonly detail: string;
  /** The member of the body that cannot be accepted. */
  readonly field: string | null;
  /** Leads an operator to the log. */
  readonly requestId: string | null;
  /** After how many seconds to try again, where the service says so. */
  readonly retryAfterSeconds: number | null;

  constructor(parts: {
    slug: string;
    status: number;
    title: string;
    detail: string;
    field?: string | null;
    requestId?: string | null;
    retryAfterSeconds?: number | null;
  }) {
    super(parts.title);
    this.name = "Problem";
    this.slug = parts.slug;
    this.status = parts.status;
    this.detail = parts.detail;
    this.field = parts.field ?? null;
    this.requestId = parts.requestId ?? null;
    this.retryAfterSeconds = parts.retryAfterSeconds ?? null;
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

/** Nothing answered: no network, or no service. */
export function networkProblem(): Problem {
  return new Problem({ slug: "network", status: 0, title: "", detail: "" });
}

/** Reads a problem out of an answer that is not a success. */
export async function problemOf(answer: Response): Promise<Problem> {
  const body = await readBody(answer);
  const type = text(body.type) ?? "";
  return new Problem({
    slug: type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : `http-${answer.status}`,
    status: answer.status,
    title: text(body.title) ?? answer.statusText,
    detail: text(body.detail) ?? "",
    field: text(body.field),
    requestId: text(body.request_id) ?? answer.headers.get("x-request-id"),
    retryAfterSeconds: seconds(answer.headers.get("retry-after")),
  });
}

async function readBody(answer: Response): Promise<ProblemBody> {
  try {
    const body: unknown = await answer.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    // A proxy in between may answer with a page of its own.
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function seconds(value: string | null): number | null {
  const number = Number(value);
  return value !== null && Number.isFinite(number) && number >= 0 ? number : null;
}
