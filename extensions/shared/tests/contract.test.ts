// @vitest-environment node
/// <reference types="vite/client" />
import {describe, expect, test} from 'vitest';
import {customerClient, staffClient, type Answer, type Connection, type Declared} from '../src/client';

type Headers = Readonly<Record<string, string>>;

/** What tests/web/contract.py plays against the real app, and says more of. */
interface Vector {
  readonly claim: string;
  readonly client: 'customer' | 'staff' | 'till';
  readonly declared?: Declared;
  readonly method: string;
  readonly arguments: readonly unknown[];
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body?: unknown;
  };
  readonly answer: {readonly status: number; readonly headers: Headers; readonly body: unknown};
  readonly makes: {readonly ok: true} | {readonly ok: false; readonly refusal: unknown};
}

const SAMPLES: Readonly<Record<string, string>> = {
  approval: `apr_${'1'.repeat(32)}`,
  attribute: '_redemption_11111111',
  code: 'RW1111111111111111',
  number: '7',
  redemption: `rdm_${'1'.repeat(32)}`,
  time: '2026-11-21T10:00:00Z',
};

const FILES = import.meta.glob<Vector[]>('../../../tests/vectors/contract/*.json', {eager: true, import: 'default'});
const VECTORS = Object.entries(FILES).flatMap(([path, vectors]) =>
  vectors.map((vector) => ({...(filled(vector) as Vector), file: path.split('/').at(-1)})),
);

type Method = (...args: readonly unknown[]) => Promise<Answer<unknown>>;

type Clients = Record<Vector['client'], Record<string, Method>>;

function clients(connection: Connection, declared: Declared = {customer_id: '1001'}): Clients {
  const staff = staffClient(connection);
  const all = {customer: customerClient(connection), staff, till: staff.redeemer(() => declared)};
  return all as unknown as Clients;
}

describe('the client', () => {
  test.each(VECTORS)('$file: $claim', async ({client, declared, method, arguments: args, request, answer, makes}) => {
    const sent: {url: string; request: RequestInit}[] = [];
    const connection: Connection = {
      url: 'https://proxy.test',
      token: async () => 'a-token',
      fetch: async (url, made) => {
        sent.push({url, request: made});
        return new Response(JSON.stringify(answer.body), {status: answer.status, headers: answer.headers});
      },
    };
    const made = await clients(connection, declared)[client][method]?.(...args);

    expect(sent.length).toBe(answer.status === 401 ? 2 : 1);
    for (const each of sent) {
      expect(each.url).toBe(`https://proxy.test${request.path}`);
      expect(each.request.method).toBe(request.method);
      expect(each.request.headers).toEqual({...request.headers, Authorization: 'Bearer a-token'});
      expect(each.request.body === undefined ? undefined : JSON.parse(String(each.request.body))).toEqual(request.body);
    }
    expect(made).toEqual(makes.ok ? {ok: true, value: answer.body} : makes);
  });

  test('every method that it has is played', () => {
    const fetch = () => Promise.reject(new Error('not asked'));
    const all = Object.entries(clients({url: '', token: async () => undefined, fetch})).flatMap(([client, methods]) =>
      Object.keys(methods).map((method) => `${client}.${method}`),
    );
    const played = new Set(VECTORS.map(({client, method}) => `${client}.${method}`));
    // Makes a till's own client; asks nothing.
    expect(all.filter((method) => !played.has(method))).toEqual(['staff.redeemer']);
  });
});

/** Puts a sample in the place of each matcher, the same one for the same matcher. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') return sample(value);
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  const each = (name: string, of: unknown) => (name === 'headers' ? texts(of as object) : filled(of));
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, each(name, of)]));
}

function sample(text: string): string | number {
  const whole = /^\$number(?::\w+)?$/.test(text);
  const written = text.replace(/\$([a-z]+)(?::\w+)?/g, (matcher, kind: string) => SAMPLES[kind] ?? matcher);
  return whole ? Number(written) : written;
}

function texts(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, String(sample(String(each)))]));
}
