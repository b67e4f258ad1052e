/** A stand-in for the proxy: what each route answers is said by the test, and what was asked is kept. */

export interface Asked {
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown> | null;
}

type Answer = (asked: Asked, nth: number) => Response | Promise<Response>;

export class ProxyStandIn {
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, Answer>();

  /** `route` as in `GET /v1/rewards`; a query is no part of it, and `*` stands for one part of the path. */
  on(route: string, answer: Answer): this {
    this.#answers.set(route, answer);
    return this;
  }

  /** What a route was asked, in order. */
  of(route: string): Asked[] {
    return this.asked.filter((each) => matches(route, each.route));
  }

  times(route: string): number {
    return this.of(route).length;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const said = typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : null;
    const asked = {
      route: `${init?.method ?? 'GET'} ${url.pathname}`,
      headers: Object.fromEntries(new Headers(init?.headers).entries()),
      body: said,
    };
    this.asked.push(asked);
    const route = [...this.#answers.keys()].find((each) => matches(each, asked.route));
    const answer = route === undefined ? undefined : this.#answers.get(route);
    if (answer === undefined) throw new TypeError(`nothing answers ${asked.route}`);
    return answer(asked, this.times(asked.route));
  };
}

function matches(pattern: string, route: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`).test(route);
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {status, headers: {'Content-Type': 'application/json'}});
}

/** A refusal as the proxy says it: RFC 9457 with our code, and its numbers beside it. */
export function problem(
  status: number,
  code: string,
  facts: Readonly<Record<string, unknown>> = {},
  {retryable = false, retryAfterS}: {retryable?: boolean; retryAfterS?: number} = {},
): Response {
  const headers = {
    'Content-Type': 'application/problem+json',
    ...(retryAfterS === undefined ? {} : {'Retry-After': String(retryAfterS)}),
  };
  const said = {type: 'about:blank', title: code, status, code, retryable, ...facts};
  return new Response(JSON.stringify(said), {status, headers});
}

/** An answer that a test gives when it wants to. */
export function later(): {readonly answer: () => Promise<Response>; readonly give: (response: Response) => void} {
  let give: (response: Response) => void = () => undefined;
  const promise = new Promise<Response>((resolve) => {
    give = resolve;
  });
  return {answer: () => promise, give: (response) => give(response)};
}
